/** permessage-deflate: its parameters, what a server answers to an offer, and what a client takes for an answer. RFC 7692 §7.1 */
import type { ExtensionOffer, ExtensionParam } from './handshake/extensions.ts'

/** The name of the extension. RFC 7692 §7 */
export const DEFLATE = 'permessage-deflate'

/** What both sides agreed on, or what one side wants. */
export interface DeflateParams {
  /** The server forgets after each message what it has sent. RFC 7692 §7.1.1.1 */
  readonly serverNoContextTakeover: boolean
  /** The client does. RFC 7692 §7.1.1.2 */
  readonly clientNoContextTakeover: boolean
  /** The server refers back to at most 2 to the power of this many bytes, 8 to 15. RFC 7692 §7.1.2.1 */
  readonly serverMaxWindowBits: number
  /** The client does. RFC 7692 §7.1.2.2 */
  readonly clientMaxWindowBits: number
}

/** The parameters as they stand in an offer or an answer. */
interface Written {
  serverNoContextTakeover: boolean
  clientNoContextTakeover: boolean
  serverMaxWindowBits?: number
  /** True where it came without a value, as it may in an offer. */
  clientMaxWindowBits?: number | true
}

const MAX_BITS = 15

/** Reads the parameters; undefined when one is unknown, stands twice or has a wrong value. RFC 7692 §7.1 */
function readParams(params: readonly ExtensionParam[]): Written | undefined {
  const names = new Set(params.map(([name]) => name))
  const written: Written = { serverNoContextTakeover: false, clientNoContextTakeover: false }
  return names.size === params.length && params.every(param => readParam(param, written)) ? written : undefined
}

function readParam([name, value]: ExtensionParam, written: Written): boolean {
  const bits = value !== true && /^([89]|1[0-5])$/.test(value) ? Number(value) : undefined // §7.1.2
  switch (name) {
    case 'server_no_context_takeover':
      written.serverNoContextTakeover = true
      return value === true
    case 'client_no_context_takeover':
      written.clientNoContextTakeover = true
      return value === true
    case 'server_max_window_bits':
      if (bits !== undefined) written.serverMaxWindowBits = bits
      return bits !== undefined
    case 'client_max_window_bits':
      if (value === true || bits !== undefined) written.clientMaxWindowBits = bits ?? true
      return value === true || bits !== undefined
    default:
      return false
  }
}

/** The server's answer to one offer, and what it means; undefined declines it. RFC 7692 §5.1, §7.1 */
export function acceptDeflate(
  offer: ExtensionOffer,
  wishes: DeflateParams,
): { readonly answer: ExtensionOffer; readonly agreed: DeflateParams } | undefined {
  const offered = readParams(offer.params)
  if (offered === undefined) return undefined
  const clientBits = offered.clientMaxWindowBits
  const agreed: DeflateParams = {
    serverNoContextTakeover: offered.serverNoContextTakeover || wishes.serverNoContextTakeover,
    clientNoContextTakeover: offered.clientNoContextTakeover || wishes.clientNoContextTakeover,
    serverMaxWindowBits: Math.min(offered.serverMaxWindowBits ?? MAX_BITS, wishes.serverMaxWindowBits),
    clientMaxWindowBits: Math.min(typeof clientBits === 'number' ? clientBits : MAX_BITS, wishes.clientMaxWindowBits),
  }
  // §7.1.2.2: a client that did not speak of its window is not told about it.
  const told = clientBits === undefined ? { ...agreed, clientMaxWindowBits: MAX_BITS } : agreed
  return { answer: { name: DEFLATE, params: writeParams(told) }, agreed: told }
}

/** The client's offer. RFC 7692 §7.1 */
export function offerDeflate(wishes: DeflateParams): ExtensionOffer {
  const { clientMaxWindowBits: bits } = wishes
  const params = writeParams({ ...wishes, clientMaxWindowBits: MAX_BITS })
  return { name: DEFLATE, params: [...params, ['client_max_window_bits', bits < MAX_BITS ? String(bits) : true]] }
}

/** What the server's answer to our offer means; undefined when it cannot be one, so that the handshake fails. RFC 7692 §7.1 */
export function readDeflateAnswer(answer: ExtensionOffer, wishes: DeflateParams): DeflateParams | undefined {
  const written = readParams(answer.params)
  if (written === undefined || written.clientMaxWindowBits === true) return undefined // §7.1.2.2
  const { serverMaxWindowBits: serverBits, clientMaxWindowBits: clientBits = MAX_BITS } = written
  if (wishes.serverNoContextTakeover && !written.serverNoContextTakeover) return undefined // §7.1.1.1
  if (wishes.serverMaxWindowBits < (serverBits ?? MAX_BITS)) return undefined // §7.1.2.1
  return {
    serverNoContextTakeover: written.serverNoContextTakeover,
    clientNoContextTakeover: written.clientNoContextTakeover || wishes.clientNoContextTakeover,
    serverMaxWindowBits: serverBits ?? MAX_BITS,
    clientMaxWindowBits: Math.min(clientBits, wishes.clientMaxWindowBits),
  }
}

function writeParams(params: DeflateParams): ExtensionParam[] {
  const written: ExtensionParam[] = []
  if (params.serverNoContextTakeover) written.push(['server_no_context_takeover', true])
  if (params.clientNoContextTakeover) written.push(['client_no_context_takeover', true])
  if (params.serverMaxWindowBits < MAX_BITS)
    written.push(['server_max_window_bits', String(params.serverMaxWindowBits)])
  if (params.clientMaxWindowBits < MAX_BITS)
    written.push(['client_max_window_bits', String(params.clientMaxWindowBits)])
  return written
}
