/** The suite plays the client: its request, and what the server's answer is worth. RFC 6455 §4.1, §4.2.2 */
import type { Case } from '../case.ts'
import { Bytes } from './bytes.ts'
import type { Exchange } from './exchange.ts'
import { encode } from './frame.ts'
import { acceptOf, listOf, type Plain, type ReadHead, takeHead, writeHead } from './head.ts'
import { faultsOfAnswer, type Parameters, readExtension } from './parameters.ts'

/** The key of the standard's own example. §1.3 */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** Whom a request is for, and what stands in every one of them. */
interface Asked {
  readonly url: URL
  readonly fields?: Readonly<Record<string, string>>
}

const plain = ({ url, fields = {} }: Asked, offer: string | undefined): Plain => ({
  start: 'GET {path} HTTP/1.1',
  extra: fields,
  fields: {
    Host: url.host,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...(offer === undefined ? {} : { 'Sec-WebSocket-Extensions': offer }),
  },
})

/** What the person at the command line adds may be a secret, and reports are read by others. */
const OPEN = ['Origin', 'Sec-WebSocket-Protocol']
const veiled = (fields: Asked['fields'] = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, OPEN.includes(name) ? value : '*'.repeat(value.length)]),
  )

/** Sends the request of the case and reads the answer, so that the exchange is open, refused, or neither. */
export async function ask(of: Case, target: Asked, exchange: Exchange): Promise<void> {
  const { request = {}, deflate } = of
  const { url } = target
  const known = { path: url.pathname + url.search, host: url.host, key: KEY }
  const written = (fields: Asked['fields']): Buffer =>
    writeHead(plain({ url, ...(fields && { fields }) }, deflate?.offer), request, known)
  const head = written(target.fields)
  const frames = (request.early ?? []).map(frame => encode(frame, true))
  const answered = answerOf(exchange)
  const shown = Buffer.concat([written(veiled(target.fields)), ...frames])
  await exchange.line.write(Buffer.concat([head, ...frames]), 'the request', request.chop, shown)
  const answer = await answered
  if (answer === undefined) return
  const asked = headOf(head)
  const agreed = check(answer.head, asked, exchange)
  if (deflate && exchange.status === 101 && agreed === undefined)
    exchange.lacks = 'the server has no permessage-deflate'
  if (exchange.status === 101) exchange.open(agreed, answer.bytes.all())
}

/** `bytes` are what came behind the head, more of them as long as the line is not open. */
async function answerOf(exchange: Exchange): Promise<{ head: ReadHead; bytes: Bytes } | undefined> {
  const bytes = new Bytes()
  let head: ReadHead | undefined
  exchange.line.onChunk = chunk => {
    bytes.push(chunk)
    try {
      head ??= takeHead(bytes)
    } catch (error) {
      exchange.fault((error as Error).message)
      exchange.line.cut()
    }
    exchange.changed()
  }
  await exchange.until(() => head !== undefined || exchange.ended !== undefined)
  return head && { head, bytes }
}

/** What we asked, as the server reads it. */
function headOf(bytes: Buffer): ReadHead {
  const read = new Bytes()
  read.push(bytes)
  return takeHead(read) ?? { start: '', fields: new Map(), faults: [] }
}

/** Notes the faults of the answer; gives what was agreed of compression. */
function check(answer: ReadHead, asked: ReadHead, exchange: Exchange): Parameters | undefined {
  const [, status] = /^HTTP\/1\.[01] (\d{3})( .*)?$/.exec(answer.start) ?? []
  exchange.fields = answer.fields
  for (const fault of answer.faults) exchange.fault(fault)
  if (status === undefined) exchange.fault(`RFC 9112 §4: ${JSON.stringify(answer.start)} is no status line`)
  exchange.status = Number(status ?? 0)
  for (const fault of faultsOfRefusal(exchange.status, answer)) exchange.fault(fault)
  if (exchange.status !== 101) return undefined
  for (const fault of faultsOf101(answer, asked)) exchange.fault(fault)
  return extensions(answer, asked, exchange)
}

/** What a status must bring with it. RFC 9110 §15.5.6, §15.5.22 */
function* faultsOfRefusal(status: number, { fields }: ReadHead): Generator<string> {
  if (status === 405 && !fields.has('allow')) yield 'RFC 9110 §15.5.6: 405 lacks Allow'
  if (status === 426 && !fields.has('upgrade')) yield 'RFC 9110 §15.5.22: 426 lacks Upgrade'
}

function* faultsOf101({ start, fields }: ReadHead, asked: ReadHead): Generator<string> {
  const one = (name: string): string => fields.get(name)?.join(', ') ?? ''
  if (!start.startsWith('HTTP/1.1 ')) yield '§4.2.2: 101 is an answer of HTTP/1.1'
  if (one('upgrade').toLowerCase() !== 'websocket') yield `§4.2.2: Upgrade is ${one('upgrade') || 'absent'}`
  if (!listOf(fields.get('connection')).some(token => token.toLowerCase() === 'upgrade'))
    yield `§4.2.2: Connection is ${one('connection') || 'absent'}`
  const accept = acceptOf(asked.fields.get('sec-websocket-key')?.[0] ?? '')
  if (one('sec-websocket-accept') !== accept) yield `§4.2.2: Sec-WebSocket-Accept is ${one('sec-websocket-accept')}`
  for (const name of ['content-length', 'transfer-encoding'])
    if (fields.has(name)) yield `RFC 9110 §8.6, RFC 9112 §6.1: 101 has ${name}`
  const protocols = fields.get('sec-websocket-protocol')
  if (protocols === undefined) return
  if (protocols.length > 1) yield '§11.3.4: Sec-WebSocket-Protocol stands twice'
  if (!listOf(asked.fields.get('sec-websocket-protocol')).includes(protocols[0] ?? ''))
    yield `§4.2.2: the subprotocol ${JSON.stringify(protocols[0])} was not asked for`
}

function extensions(answer: ReadHead, asked: ReadHead, exchange: Exchange): Parameters | undefined {
  const offers = listOf(asked.fields.get('sec-websocket-extensions')).map(readExtension)
  const answers = listOf(answer.fields.get('sec-websocket-extensions')).map(readExtension)
  if (answers.length > 1) exchange.fault('§9.1: more than one extension was agreed to, and all of them use RSV1')
  for (const { name, faults, parameters } of answers) {
    for (const fault of faults) exchange.fault(fault)
    const named = offers.filter(offer => offer.name === name)
    const trials = named.filter(({ faults }) => faults.length === 0).map(o => faultsOfAnswer(o.parameters, parameters))
    if (trials.length === 0) exchange.fault(`§9.1: the extension ${name} was not offered so that it can be agreed to`)
    else if (!trials.some(faults => faults.length === 0)) for (const fault of trials[0] ?? []) exchange.fault(fault)
  }
  return answers.find(({ name }) => name === 'permessage-deflate')?.parameters
}
