/** What the process that was started and its workers say to each other. */
import type { ExitCode } from '../exit.ts'
import type { Question, Said } from './crew.ts'
import type { Certificate } from './tls.ts'

/** To a worker. */
export type Order<Options> =
  | { readonly hotline: 'serve'; readonly start: Start<Options> }
  /** So many of them serve now. */
  | { readonly hotline: 'serve'; readonly serving: number }
  /** It ends: with all others, or alone, and then newcomers are for the others at once. */
  | { readonly hotline: 'serve'; readonly drain: 'all' | 'one' }
  | { readonly hotline: 'serve'; readonly cut: true }
  /** It is asked something, by this number. */
  | { readonly hotline: 'serve'; readonly ask: number; readonly question: Question }
  /** What all have answered that it wanted to know by this number. */
  | { readonly hotline: 'serve'; readonly told: readonly Said[]; readonly of: number }

/** Everything that a worker needs: nothing of it stands in its command line. */
export interface Start<Options> {
  readonly options: Options
  /** One for all: it may have been made for this run. */
  readonly certificate: Certificate | undefined
  /** From 1 on; one that takes the place of another has its number. */
  readonly worker: number
  readonly workers: number
}

/** From a worker. */
export type Word =
  /** It listens to orders. */
  | { readonly hotline: 'serve'; readonly ready: true }
  | { readonly hotline: 'serve'; readonly listening: string; readonly port: number }
  /** Somebody wants it gone, it alone. */
  | { readonly hotline: 'serve'; readonly leaves: true }
  | { readonly hotline: 'serve'; readonly failed: string; readonly exitCode: ExitCode }
  /** It wants to know something of all, by a number of its own. */
  | { readonly hotline: 'serve'; readonly want: number; readonly question: Question }
  /** What it was asked by this number. */
  | { readonly hotline: 'serve'; readonly value: unknown; readonly of: number }

export const isOurs = (message: unknown): message is { readonly hotline: 'serve' } =>
  typeof message === 'object' && message !== null && 'hotline' in message && message.hotline === 'serve'
