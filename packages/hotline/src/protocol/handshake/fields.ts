/** Header fields and the grammar of their values, in one pass and without backtracking. RFC 9110 §5, RFC 6455 §4.1 */

/** One header field: its name as written, and its value. */
export type Field = readonly [name: string, value: string]

/** The characters of a token. RFC 9110 §5.6.2 */
const TOKEN = new Uint8Array(128)
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[char.charCodeAt(0)] = 1
}

/** True for a token: the grammar of header names, subprotocols and extension names. RFC 9110 §5.6.2 */
export function isToken(text: string): boolean {
  if (text.length === 0) return false
  for (let i = 0; i < text.length; i++) {
    if (TOKEN[text.charCodeAt(i)] !== 1) return false
  }
  return true
}

/** True for what may stand in a header field's value: no control characters, so no CR and no LF. RFC 9110 §5.5 */
export function isFieldValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if ((unit < 0x20 && unit !== 0x09) || unit === 0x7f || unit > 0xff) return false
  }
  return true
}

/** Header fields in the order in which they came. Names are compared without case; nothing is keyed by them. */
export class Fields implements Iterable<Field> {
  readonly #fields: readonly Field[]

  constructor(fields: Iterable<Field>) {
    this.#fields = Array.from(fields, ([name, value]) => [name.toLowerCase(), value] as const)
  }

  /** From the flat list of names and values that HTTP parsers give. */
  static fromFlat(flat: readonly string[]): Fields {
    const fields: Field[] = []
    for (let i = 0; i + 1 < flat.length; i += 2) fields.push([flat[i] as string, flat[i + 1] as string])
    return new Fields(fields)
  }

  /** The number of fields. */
  get size(): number {
    return this.#fields.length
  }

  /** All values of a field, in order. */
  all(name: string): string[] {
    const wanted = name.toLowerCase()
    return this.#fields.filter(field => field[0] === wanted).map(field => field[1])
  }

  /** The values of a field joined by commas, as one field would say it; undefined when there is none. RFC 9110 §5.3 */
  get(name: string): string | undefined {
    const values = this.all(name)
    return values.length === 0 ? undefined : values.join(', ')
  }

  has(name: string): boolean {
    return this.all(name).length > 0
  }

  /** True when a field that is a list of tokens has this one, in any case. RFC 9110 §5.6.1 */
  hasToken(name: string, token: string): boolean {
    const wanted = token.toLowerCase()
    return this.all(name).some(value => value.split(',').some(item => trim(item).toLowerCase() === wanted))
  }

  [Symbol.iterator](): Iterator<Field> {
    return this.#fields[Symbol.iterator]()
  }

  /** An object without a prototype, so that no name of a peer means anything. */
  toObject(): Record<string, string> {
    const object: Record<string, string> = Object.create(null)
    for (const [name, value] of this.#fields) object[name] = name in object ? `${object[name]}, ${value}` : value
    return object
  }
}

/** Without the spaces and tabs around it. RFC 9110 §5.6.3 */
export function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isBlank = (unit: number): boolean => unit === 0x20 || unit === 0x09
