/** Sec-WebSocket-Extensions: its grammar, and the place where an extension takes part. RFC 6455 §9.1 */
import { isToken } from './fields.ts'

/** One parameter: a name, and a value or `true` where it has none. */
export type ExtensionParam = readonly [name: string, value: string | true]

/** One element of the list: an extension and its parameters, in order and with repetitions as they came. */
export interface ExtensionOffer {
  readonly name: string
  readonly params: readonly ExtensionParam[]
}

/**
 * An extension, as the server's side of the negotiation sees it. permessage-deflate (RFC 7692) is one.
 *
 * @typeParam Agreed - what the extension remembers of an accepted offer
 */
export interface ServerExtension<Agreed = unknown> {
  readonly name: string
  /** The answer to an offer, and what to remember of it; undefined declines it. */
  accept(offer: ExtensionOffer): { readonly answer: ExtensionOffer; readonly agreed: Agreed } | undefined
}

/** What came of a negotiation: the answer's header value, and what each extension remembers. */
export interface Negotiated {
  readonly header: string | undefined
  readonly agreed: readonly { readonly name: string; readonly agreed: unknown }[]
}

/**
 * Reads a header value; undefined when it does not follow the grammar. One pass. RFC 6455 §9.1
 *
 * Empty elements are passed over, but one that is not empty is needed. RFC 9110 §5.6.1
 */
export function parseExtensions(text: string): ExtensionOffer[] | undefined {
  const offers: ExtensionOffer[] = []
  const scanner = new Scanner(text)
  scanner.takeAll(',')
  while (!scanner.atEnd) {
    const offer = readOffer(scanner)
    if (offer === undefined || !(scanner.takeAll(',') || scanner.atEnd)) return undefined
    offers.push(offer)
  }
  return offers.length > 0 ? offers : undefined
}

function readOffer(scanner: Scanner): ExtensionOffer | undefined {
  const name = scanner.token()
  if (name === undefined) return undefined
  const params: ExtensionParam[] = []
  while (scanner.take(';')) {
    const param = scanner.token()
    if (param === undefined) return undefined
    const value = scanner.take('=') ? scanner.value() : true
    if (value === undefined) return undefined
    params.push([param, value])
  }
  return { name, params }
}

/** Writes a header value: the inverse of `parseExtensions`. */
export const formatExtensions = (offers: readonly ExtensionOffer[]): string =>
  offers.map(({ name, params }) => [name, ...params.map(formatParam)].join('; ')).join(', ')

const formatParam = ([name, value]: ExtensionParam): string => (value === true ? name : `${name}=${value}`)

/** The server's choice: for each extension that it has, the first offer that it accepts. RFC 6455 §9.1 */
export function negotiateExtensions(
  offers: readonly ExtensionOffer[],
  extensions: readonly ServerExtension[],
): Negotiated {
  const answers: ExtensionOffer[] = []
  const agreed: { name: string; agreed: unknown }[] = []
  for (const extension of extensions) {
    for (const offer of offers) {
      const accepted = offer.name === extension.name ? extension.accept(offer) : undefined
      if (accepted === undefined) continue
      answers.push(accepted.answer)
      agreed.push({ name: extension.name, agreed: accepted.agreed })
      break
    }
  }
  return { header: answers.length === 0 ? undefined : formatExtensions(answers), agreed }
}

/** Reads tokens and separators from left to right, passing over blanks. */
class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.#skip()
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length
  }

  take(separator: string): boolean {
    if (this.#text[this.#at] !== separator) return false
    this.#at++
    this.#skip()
    return true
  }

  /** True when there was one at least. */
  takeAll(separator: string): boolean {
    const start = this.#at
    while (this.take(separator));
    return this.#at > start
  }

  token(): string | undefined {
    const start = this.#at
    while (this.#at < this.#text.length && isToken(this.#text[this.#at] as string)) this.#at++
    const token = this.#text.slice(start, this.#at)
    this.#skip()
    return token === '' ? undefined : token
  }

  /** A token, or a quoted string whose content is a token. RFC 6455 §9.1 */
  value(): string | undefined {
    if (this.#text[this.#at] !== '"') return this.token()
    let value = ''
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] as string
      if (char === '"') {
        this.#at++
        this.#skip()
        return isToken(value) ? value : undefined
      }
      if (char === '\\') this.#at++
      value += this.#text[this.#at] ?? ''
    }
    return undefined
  }

  #skip(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++
  }
}
