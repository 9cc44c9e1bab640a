/** The option `deflate`: the parameters of permessage-deflate, and when compression pays. RFC 7692 §7.1 */
import type { DeflateParams } from '../protocol/deflate.ts'
import { atLeast, between, check, flag, type Rules, resolve, such } from './options.ts'

/** What an application decides about permessage-deflate. */
export interface DeflateOptions extends Partial<DeflateParams> {
  /**
   * Messages below this many bytes are sent as they are; of text, its length is looked at, which is the same for ASCII.
   * @defaultValue 1 KiB
   */
  readonly threshold?: number
  /**
   * zlib's level, from 1 (fast) to 9 (small).
   * @defaultValue 3
   */
  readonly level?: number
}

/** Decided. */
export type DeflateSettings = Required<DeflateOptions>

export const DEFLATE_RULES: Rules<DeflateSettings> = {
  threshold: atLeast(0, 1024),
  level: between(1, 9, 3),
  serverNoContextTakeover: flag(true),
  clientNoContextTakeover: flag(true),
  serverMaxWindowBits: between(8, 15, 15),
  clientMaxWindowBits: between(8, 15, 15),
}

/** As browsers offer it: what is remembered makes a few lines cheaper, where it would make many expensive. */
export const CLIENT_DEFLATE_RULES: Rules<DeflateSettings> = {
  ...DEFLATE_RULES,
  serverNoContextTakeover: flag(false),
  clientNoContextTakeover: flag(false),
}

/** The settings of the option `deflate`; undefined when it is off. */
export function resolveDeflate(
  given: boolean | DeflateOptions,
  rules: Rules<DeflateSettings>,
): DeflateSettings | undefined {
  if (given === false) return undefined
  return resolve(given === true ? {} : given, rules)
}

/** The rule of the option `deflate` itself. */
export const deflateRule = such<boolean | DeflateOptions>('be true, false or an object of its options', true, value => {
  if (typeof value === 'boolean') return true
  if (typeof value !== 'object' || value === null) return false
  check(value, DEFLATE_RULES as never, 'deflate')
  return true
})
