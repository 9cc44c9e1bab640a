/** The extensions of a server: permessage-deflate, as a route allows it. RFC 6455 §9.1, RFC 7692 §5.1 */
import { Compression, type CompressionTerms } from '../connection/compression.ts'
import type { Agreed } from '../connection/socket.ts'
import { acceptDeflate, DEFLATE, type DeflateParams } from '../protocol/deflate.ts'
import {
  type ExtensionOffer,
  type Negotiated,
  negotiateExtensions,
  parseExtensions,
} from '../protocol/handshake/extensions.ts'

/** What came of the offers. */
export interface Chosen {
  /** The value of the header; undefined when nothing was chosen. */
  readonly header: string | undefined
  readonly agreed: Agreed
  readonly compression: Compression | undefined
}

/** Answers that a route remembers, and how long their offers may be: peers can make up as many as they like. */
const KNOWN_ANSWERS = 64
const KNOWN_LENGTH = 256

/**
 * The choice of one route. What was agreed stays as long as the line, so the lines that agreed on the same share it:
 * the answers that a route can give are few, whatever peers offer.
 */
export class Extensions {
  readonly #terms: CompressionTerms | undefined
  readonly #answers = new Map<string, Negotiated>()
  readonly #agreed = new Map<string, Agreed>()
  readonly #compressions = new Map<string, Compression>()

  /** @param terms - undefined for a route that does not want compression */
  constructor(terms: CompressionTerms | undefined) {
    this.#terms = terms
  }

  /**
   * @param text - the offers as they came: '' for none
   * @param protocol - the subprotocol, which the server's side has named: '' for none
   */
  choose(offers: readonly ExtensionOffer[], text: string, protocol: string): Chosen {
    const terms = this.#terms
    if (terms === undefined || offers.length === 0) {
      return { header: undefined, agreed: this.#agree(protocol, ''), compression: undefined }
    }
    const { header, agreed } = this.#answer(offers, text, terms)
    const params = agreed[0]?.agreed as DeflateParams | undefined
    const compression = header === undefined || params === undefined ? undefined : this.#compress(header, params, terms)
    return { header, agreed: this.#agree(protocol, header ?? ''), compression }
  }

  /** Browsers all offer the same, so the answer is known. Without memory for what a peer may refer to, it may not. */
  #answer(offers: readonly ExtensionOffer[], text: string, { settings, budget }: CompressionTerms): Negotiated {
    const scarce = !budget.hasRoom(2 ** settings.clientMaxWindowBits)
    const known = scarce ? undefined : this.#answers.get(text)
    if (known !== undefined) return known
    const wishes = scarce ? { ...settings, clientNoContextTakeover: true } : settings
    const answer = negotiateExtensions(offers, [{ name: DEFLATE, accept: offer => acceptDeflate(offer, wishes) }])
    if (!scarce && text.length <= KNOWN_LENGTH && this.#answers.size < KNOWN_ANSWERS) this.#answers.set(text, answer)
    return answer
  }

  #agree(protocol: string, header: string): Agreed {
    const key = `${protocol} ${header}`
    const known = this.#agreed.get(key)
    if (known !== undefined) return known
    const extensions = header === '' ? [] : (parseExtensions(header) ?? [])
    for (const { params } of extensions) for (const part of [...params, params]) Object.freeze(part)
    const agreed = Object.freeze({ protocol, extensions: Object.freeze(extensions.map(Object.freeze)) }) as Agreed
    this.#agreed.set(key, agreed)
    return agreed
  }

  /** A compression that remembers nothing between messages serves every line. RFC 7692 §7.1.1 */
  #compress(header: string, params: DeflateParams, terms: CompressionTerms): Compression {
    if (!params.serverNoContextTakeover || !params.clientNoContextTakeover)
      return new Compression(terms, 'server', params)
    const compression = this.#compressions.get(header) ?? new Compression(terms, 'server', params)
    this.#compressions.set(header, compression)
    return compression
  }
}
