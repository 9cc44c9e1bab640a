/** The suite plays the server: what a client's request is worth, and the answer of the case. RFC 6455 §4.1, §4.2 */
import type { Case } from '../case.ts'
import type { Exchange } from './exchange.ts'
import { encode } from './frame.ts'
import { acceptOf, listOf, type Plain, type ReadHead, writeHead } from './head.ts'
import { type Parameters, type Read, readExtension } from './parameters.ts'

const plain: Plain = {
  start: 'HTTP/1.1 101 Switching Protocols',
  fields: { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': '{accept}' },
}

/** Answers as the case says; from then on what comes are frames. */
export async function answer(of: Case | undefined, asked: ReadHead, rest: Buffer, exchange: Exchange): Promise<void> {
  for (const fault of [...asked.faults, ...faultsOf(asked)]) exchange.fault(fault)
  const agreed = of?.deflate && accepted(of.deflate.accept ?? '', asked)
  if (of?.deflate && agreed === undefined)
    exchange.lacks = 'the client does not offer permessage-deflate so that this can be agreed to'
  const extension = agreed && { ...plain.fields, 'Sec-WebSocket-Extensions': agreed.text }
  const key = asked.fields.get('sec-websocket-key')?.[0] ?? ''
  const known = {
    key,
    accept: acceptOf(key),
    lower: acceptOf(key).toLowerCase(),
    untrimmed: acceptOf(` ${key}`),
    unpadded: acceptOf(key).replace('=', ''),
    protocol: listOf(asked.fields.get('sec-websocket-protocol'))[0] ?? '',
  }
  const head = writeHead({ ...plain, fields: extension ?? plain.fields }, of?.answer, known)
  const frames = (of?.answer?.early ?? []).map(frame => encode(frame, false))
  exchange.open(agreed?.parameters, rest)
  await exchange.line.write(Buffer.concat([head, ...frames]), 'the answer', of?.answer?.chop)
}

function* faultsOf({ start, fields }: ReadHead): Generator<string> {
  const one = (name: string): string => fields.get(name)?.join(', ') ?? ''
  const has = (name: string, token: string): boolean =>
    listOf(fields.get(name)).some(element => element.toLowerCase() === token)
  if (!/^GET \S+ HTTP\/1\.1$/.test(start)) yield `§4.1: the request is ${JSON.stringify(start)}`
  if (fields.get('host')?.length !== 1 || one('host') === '') yield '§4.1: there is not one Host'
  if (!has('upgrade', 'websocket')) yield `§4.1: Upgrade is ${one('upgrade') || 'absent'}`
  if (!has('connection', 'upgrade')) yield `§4.1: Connection is ${one('connection') || 'absent'}`
  if (one('sec-websocket-version') !== '13') yield `§4.1: the version is ${one('sec-websocket-version') || 'absent'}`
  if (!/^[A-Za-z0-9+/]{21}[AQgw]==$/.test(one('sec-websocket-key'))) yield '§4.1: the key is not 16 bytes in base64'
  const protocols = listOf(fields.get('sec-websocket-protocol'))
  if (new Set(protocols).size < protocols.length) yield '§4.1: a subprotocol stands twice'
  for (const { faults } of deflates({ fields })) yield* faults
}

const deflates = ({ fields }: Pick<ReadHead, 'fields'>): Read[] =>
  listOf(fields.get('sec-websocket-extensions'))
    .map(readExtension)
    .filter(({ name }) => name === 'permessage-deflate')

/** The first offer with what the case wants, and with what the offer insists on. RFC 7692 §7.1 */
function accepted(wanted: string, asked: ReadHead): { text: string; parameters: Parameters } | undefined {
  const want = readExtension(`permessage-deflate${wanted === '' ? '' : `; ${wanted}`}`).parameters
  const offer = deflates(asked).find(
    ({ faults, parameters }) =>
      faults.length === 0 && (want.clientBits === undefined || parameters.clientBits !== undefined),
  )
  if (offer === undefined) return undefined
  const { serverBits, clientBits, serverNoTakeover } = offer.parameters
  const parameters = {
    serverNoTakeover: want.serverNoTakeover || serverNoTakeover,
    clientNoTakeover: want.clientNoTakeover,
    serverBits: least(want.serverBits, serverBits),
    clientBits: want.clientBits === undefined ? undefined : least(want.clientBits, clientBits),
  }
  return { text: inText(parameters), parameters }
}

function least(...bits: (number | true | undefined)[]): number | undefined {
  const numbers = bits.filter(value => typeof value === 'number')
  return numbers.length === 0 ? undefined : Math.min(...numbers)
}

function inText({ serverNoTakeover, clientNoTakeover, serverBits, clientBits }: Parameters): string {
  return [
    'permessage-deflate',
    ...(serverNoTakeover ? ['server_no_context_takeover'] : []),
    ...(clientNoTakeover ? ['client_no_context_takeover'] : []),
    ...(serverBits === undefined ? [] : [`server_max_window_bits=${serverBits}`]),
    ...(clientBits === undefined ? [] : [`client_max_window_bits=${clientBits}`]),
  ].join('; ')
}
