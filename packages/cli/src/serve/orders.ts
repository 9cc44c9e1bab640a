/** What the process that was started and its workers say to each other. */
import type { ExitCode } from '../exit.ts'
import type { Certificate } from './tls.ts'

/** To a worker. */
export type Order<Options> =
  | { readonly hotline: 'serve'; readonly start: Start<Options> }
  /** So many of them serve now. */
  | { readonly hotline: 'serve'; readonly serving: number }
  | { readonly hotline: 'serve'; readonly drain: NodeJS.Signals }
  | { readonly hotline: 'serve'; readonly cut: true }

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
  | { readonly hotline: 'serve'; readonly listening: string }
  | { readonly hotline: 'serve'; readonly failed: string; readonly exitCode: ExitCode }

export const isOurs = (message: unknown): message is { readonly hotline: 'serve' } =>
  typeof message === 'object' && message !== null && 'hotline' in message && message.hotline === 'serve'
