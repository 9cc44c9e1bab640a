/** The extensions of a server: permessage-deflate, as a route allows it. RFC 6455 §9.1, RFC 7692 §5.1 */
import { Compression, type CompressionTerms } from '../connection/compression.ts'
import { acceptDeflate, DEFLATE, type DeflateParams } from '../protocol/deflate.ts'
import {
  type ExtensionOffer,
  negotiateExtensions,
  parseExtensions,
  type ServerExtension,
} from '../protocol/handshake/extensions.ts'

/** What came of the offers. */
export interface Chosen {
  /** The value of the header; undefined when nothing was chosen. */
  readonly header: string | undefined
  readonly extensions: readonly ExtensionOffer[]
  readonly compression: Compression | undefined
}

/** What `terms` make of the offers; undefined is a route that does not want compression. */
export function chooseExtensions(offers: readonly ExtensionOffer[], terms: CompressionTerms | undefined): Chosen {
  if (terms === undefined || offers.length === 0) return NOTHING
  const { header, agreed } = negotiateExtensions(offers, [deflate(terms)])
  const params = agreed[0]?.agreed as DeflateParams | undefined
  if (header === undefined || params === undefined) return NOTHING
  return { header, extensions: known(header), compression: new Compression(terms, 'server', params) }
}

const NOTHING: Chosen = { header: undefined, extensions: [], compression: undefined }

/** Without memory for what a peer may refer to, lines open without its takeover. */
function deflate({ settings, budget }: CompressionTerms): ServerExtension<DeflateParams> {
  const scarce = !budget.hasRoom(2 ** settings.clientMaxWindowBits)
  const wishes = scarce ? { ...settings, clientNoContextTakeover: true } : settings
  return { name: DEFLATE, accept: offer => acceptDeflate(offer, wishes) }
}

const KNOWN = new Map<string, readonly ExtensionOffer[]>()

/** The same objects for the same header: there are few of them, and many lines. */
function known(header: string): readonly ExtensionOffer[] {
  const extensions = KNOWN.get(header) ?? parseExtensions(header) ?? []
  KNOWN.set(header, extensions)
  return extensions
}
