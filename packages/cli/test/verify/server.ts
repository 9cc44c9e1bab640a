/** The peer as a server, whose opening handshake can be at fault too. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type AgreeFault, agreedBy, answerOf } from './agree.ts'
import { Codec } from './codec.ts'
import { acceptOf, type Fault, Peer } from './peer.ts'

export type ServerFault =
  | Fault
  | 'takes any method'
  | 'takes any version of HTTP'
  | 'takes a request without Upgrade'
  | 'takes any key'
  | 'takes any version of the protocol'
  | 'knows names only as they are usually written'
  | 'knows only one token in Connection'
  | 'answers with the Accept of another key'
  | 'answers each key with the Accept of one that it knows'
  | 'answers without Connection'
  | 'agrees to a subprotocol that was not asked for'
  | 'agrees to the first extension, whatever it is'
  | 'answers with a Content-Length'
  | 'needs the request in one chunk'
  | 'reads a body as frames'
  | 'takes any Host'
  | 'knows no tabs'
  | AgreeFault

/** Ends with all its connections when it is disposed. */
export class EchoServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(fault?: ServerFault) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('end', () => socket.end())
      socket.once('close', () => this.#sockets.delete(socket))
      greet(socket, fault)
    })
  }

  async listen(): Promise<URL> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return new URL(`ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/echo`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function greet(socket: Socket, fault: ServerFault | undefined): void {
  let bytes: Buffer = Buffer.alloc(0)
  const read = (chunk: Buffer): void => {
    bytes = fault === 'needs the request in one chunk' ? chunk : Buffer.concat([bytes, chunk])
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) return
    socket.off('data', read)
    const answer = answerTo(bytes.toString('latin1', 0, end), fault)
    socket.write(answer, 'latin1')
    if (!answer.startsWith('HTTP/1.1 101')) return void socket.end()
    const agreed = agreedBy(/^Sec-WebSocket-Extensions: (.*)\r$/m.exec(answer)?.[1] ?? '')
    const peer = new Peer(socket, 'server', fault, agreed && new Codec(agreed, fault))
    if (fault !== 'drops what comes with the handshake') peer.read(bytes.subarray(end + 4))
  }
  socket.on('data', read)
}

/** The key of the standard's own example. RFC 6455 §1.3 */
const EXAMPLE = 'dGhlIHNhbXBsZSBub25jZQ=='

/** The head of the answer. */
function answerTo(head: string, fault: ServerFault | undefined): string {
  const has = (name: ServerFault): boolean => fault === name
  const [start = '', ...lines] = head.split('\r\n')
  const strip = (text: string): string => text.replace(has('knows no tabs') ? /^ +| +$/g : /^[ \t]+|[ \t]+$/g, '')
  const exact = has('knows names only as they are usually written')
  const field = (name: string): string | undefined => {
    const own = lines.filter(line =>
      exact ? line.startsWith(`${name}:`) : line.toLowerCase().startsWith(`${name.toLowerCase()}:`),
    )
    return own.length === 0 ? undefined : own.map(line => strip(line.slice(name.length + 1))).join(', ')
  }
  const tokens = (field('Connection') ?? '').toLowerCase().split(',').map(strip)
  const upgrades = has('knows only one token in Connection') ? tokens.join() === 'upgrade' : tokens.includes('upgrade')
  if (!/^GET /.test(start) && !has('takes any method')) return refusal(405)
  if (!/ HTTP\/1\.1$/.test(start) && !has('takes any version of HTTP') && !has('takes any method')) return refusal(505)
  if (!has('takes a request without Upgrade') && (field('Upgrade')?.toLowerCase() !== 'websocket' || !upgrades))
    return refusal(426)
  if (!/^[\w+/]{22}==$/.test(field('Sec-WebSocket-Key') ?? '') && !has('takes any key')) return refusal(400)
  if (field('Sec-WebSocket-Version') !== '13' && !has('takes any version of the protocol')) return refusal(426)
  const hosts = lines.filter(line => /^host:/i.test(line))
  if (!has('takes any Host') && (hosts.length !== 1 || !/^host:[ \t]*[^\s/@]+[ \t]*$/i.test(hosts[0] ?? '')))
    return refusal(400)
  const body = (field('Content-Length') ?? '0') !== '0' || field('Transfer-Encoding') !== undefined
  if (body && !has('reads a body as frames')) return refusal(400)
  const extensions = answerOf(field('Sec-WebSocket-Extensions'), fault)
  if (extensions === undefined) return refusal(400)
  const key = has('answers with the Accept of another key') ? 'another' : (field('Sec-WebSocket-Key') ?? '')
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    ...(has('answers without Connection') ? [] : ['Connection: Upgrade']),
    `Sec-WebSocket-Accept: ${acceptOf(has('answers each key with the Accept of one that it knows') ? EXAMPLE : key)}`,
    ...(has('agrees to a subprotocol that was not asked for') ? ['Sec-WebSocket-Protocol: chat'] : []),
    ...(extensions === '' ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
    ...(has('agrees to the first extension, whatever it is') && field('Sec-WebSocket-Extensions')
      ? [`Sec-WebSocket-Extensions: ${field('Sec-WebSocket-Extensions')?.split(',')[0]}`]
      : []),
    ...(has('answers with a Content-Length') ? ['Content-Length: 0'] : []),
    '',
    '',
  ].join('\r\n')
}

const refusal = (status: number): string =>
  `HTTP/1.1 ${status} No\r\nSec-WebSocket-Version: 13\r\nAllow: GET\r\nUpgrade: websocket\r\nContent-Length: 0\r\nConnection: Upgrade, close\r\n\r\n`
