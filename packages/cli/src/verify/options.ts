/** The command line of `hotline verify`, as it was typed. */
export interface VerifyOptions {
  readonly listen?: number
  readonly host: string
  readonly only?: readonly string[]
  readonly exclude?: readonly string[]
  readonly parallel: number
  readonly timeout: number
  readonly ca?: string
  readonly insecure?: true
  readonly json?: string
  readonly html?: string
  readonly compare?: string
}
