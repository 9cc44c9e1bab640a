/** The extensions of a server: permessage-deflate, as a route allows it. RFC 6455 §9.1, RFC 7692 §5.1 */
import { Compression } from '../connection/compression.ts'
import type { ContextBudget } from '../connection/contexts.ts'
import type { DeflateSettings } from '../connection/deflate-options.ts'
import { acceptDeflate, DEFLATE, type DeflateParams } from '../protocol/deflate.ts'
import {
  type ExtensionOffer,
  negotiateExtensions,
  parseExtensions,
  type ServerExtension,
} from '../protocol/handshake/extensions.ts'
import { nodeDeflate } from '../runtime/node/zlib.ts'

/** What of a server compression depends on. */
export interface DeflateTerms {
  /** Undefined when the route does not want it. */
  readonly settings: DeflateSettings | undefined
  readonly budget: ContextBudget
  readonly maxMessage: number
}

/** What came of the offers. */
export interface Chosen {
  /** The value of the header; undefined when nothing was chosen. */
  readonly header: string | undefined
  readonly extensions: readonly ExtensionOffer[]
  readonly compression: Compression | undefined
}

/** Bytes that the two windows of a line may come to remember. */
const BOTH_WINDOWS = 65_536

export function chooseExtensions(offers: readonly ExtensionOffer[], terms: DeflateTerms): Chosen {
  const { settings, budget, maxMessage } = terms
  if (settings === undefined || offers.length === 0)
    return { header: undefined, extensions: [], compression: undefined }
  const { header, agreed } = negotiateExtensions(offers, [deflate(settings, budget)])
  const params = agreed[0]?.agreed as DeflateParams | undefined
  const parts = { engine: nodeDeflate, role: 'server', settings, maxMessage, budget } as const
  const extensions = header === undefined ? [] : (parseExtensions(header) ?? [])
  return { header, extensions, compression: params && new Compression({ ...parts, params }) }
}

/** Without memory for further contexts, lines open without takeover. */
function deflate(settings: DeflateSettings, budget: ContextBudget): ServerExtension<DeflateParams> {
  const scarce = budget.used + BOTH_WINDOWS > budget.limit
  const wishes = scarce ? { ...settings, serverNoContextTakeover: true, clientNoContextTakeover: true } : settings
  return { name: DEFLATE, accept: offer => acceptDeflate(offer, wishes) }
}
