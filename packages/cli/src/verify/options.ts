/** The command line of `hotline verify`, as it was typed. */
import type { Connecting } from '../connecting.ts'
import type { TlsOptions } from '../serve/tls.ts'

/** The worst verdict with which a run still ends with 0 is better than this. */
export type FailOn = 'strict-fail' | 'lenient' | 'never'

export interface VerifyOptions extends Connecting, TlsOptions {
  readonly listen?: number
  readonly once?: true
  readonly list?: true
  readonly only?: readonly string[]
  readonly exclude?: readonly string[]
  readonly parallel: number
  readonly timeout: number
  readonly preflight: boolean
  readonly failOn: FailOn
  readonly name?: string
  readonly json?: string
  readonly html?: string
  readonly compare?: string
}
