/** The peer as a client that comes to be checked; its opening handshake can be at fault too. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { agreedBy, isAnswer } from './agree.ts'
import { Codec } from './codec.ts'
import { acceptOf, type Fault, Peer } from './peer.ts'

export type ClientFault =
  | Fault
  | 'sends a key of 8 bytes'
  | 'sends the same key each time'
  | 'sends version 8'
  | 'sends no Host'
  | 'takes any status'
  | 'takes any Accept'
  | 'takes an answer without Upgrade'
  | 'takes an answer without Connection'
  | 'takes a subprotocol that it did not ask for'
  | 'takes an extension that it did not offer'
  | 'knows names only as they are usually written'
  | 'needs the answer in one chunk'
  | 'keeps a connection that was refused'
  | 'takes lines that are no fields'
  | 'takes any version of HTTP'
  | 'takes an Accept in any case'
  | 'takes a list in Upgrade'
  | 'does not read past 100'
  | 'knows no tabs'
  | 'offers a window of seven bits'
  | 'offers a parameter that there is not'
  | 'offers a subprotocol twice'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** Comes to this URL, and resolves when the line has ended. */
export async function visit(url: URL, fault?: ClientFault): Promise<void> {
  const socket = connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true, noDelay: true })
  socket.on('error', () => {})
  socket.on('end', () => socket.end())
  const key = fault === 'sends the same key each time' ? KEY : randomBytes(16).toString('base64')
  let bytes: Buffer = Buffer.alloc(0)
  const read = (chunk: Buffer, alone = false): void => {
    if (alone) bytes = Buffer.alloc(0)
    bytes = fault === 'needs the answer in one chunk' ? chunk : Buffer.concat([bytes, chunk])
    const end = bytes.indexOf('\r\n\r\n')
    if (bytes.length > 65_536 && end < 0) socket.destroy()
    if (end < 0) return
    if (/^HTTP\/1\.1 1(?!01)\d\d /.test(bytes.toString('latin1', 0, 13)) && fault !== 'does not read past 100')
      return void read(bytes.subarray(end + 4), true)
    socket.off('data', read)
    if (!accepts(bytes.toString('latin1', 0, end), key, fault)) {
      if (fault !== 'keeps a connection that was refused') socket.destroy()
      return
    }
    const agreed = agreedBy(
      /^sec-websocket-extensions:[ \t]*(.*)\r$/im.exec(bytes.toString('latin1', 0, end + 2))?.[1] ?? '',
      'client',
    )
    const peer = new Peer(socket, 'client', fault, agreed && new Codec(agreed, fault))
    if (fault !== 'drops what comes with the handshake') peer.read(bytes.subarray(end + 4))
  }
  socket.on('data', read)
  socket.write(request(url, key, fault))
  await once(socket, 'close')
}

/** What a client at fault offers. */
const OFFERS: Readonly<Record<string, readonly string[]>> = {
  'offers a window of seven bits': ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=7'],
  'offers a parameter that there is not': ['Sec-WebSocket-Extensions: permessage-deflate; x-unknown'],
  'offers a subprotocol twice': ['Sec-WebSocket-Protocol: chat, chat'],
}

const request = (url: URL, key: string, fault: ClientFault | undefined): string =>
  [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    ...(fault === 'sends no Host' ? [] : [`Host: ${url.host}`]),
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${fault === 'sends a key of 8 bytes' ? 'AAAAAAAAAAA=' : key}`,
    `Sec-WebSocket-Version: ${fault === 'sends version 8' ? 8 : 13}`,
    ...(OFFERS[fault ?? ''] ?? ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits']),
    '',
    '',
  ].join('\r\n')

/** Whether this head opens the line. */
function accepts(head: string, key: string, fault: ClientFault | undefined): boolean {
  const has = (name: ClientFault): boolean => fault === name
  const [start = '', ...lines] = head.split('\r\n')
  const fields = new Map<string, string>()
  for (const line of lines) {
    if (has('knows no tabs') && line.includes('\t')) return false
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([^\0]*?)[ \t]*$/.exec(line) ?? []
    if (name !== undefined)
      fields.set(has('knows names only as they are usually written') ? name : name.toLowerCase(), value ?? '')
    else if (!has('takes lines that are no fields')) return false
  }
  const value = (name: string): string =>
    fields.get(has('knows names only as they are usually written') ? name : name.toLowerCase()) ?? ''
  const accept = value('Sec-WebSocket-Accept')
  const anyCase = has('takes an Accept in any case')
  const holds: readonly (readonly [boolean, ClientFault])[] = [
    [/^HTTP\/\d\.\d 101 /.test(start), 'takes any status'],
    [/^HTTP\/1\.1 /.test(start), 'takes any version of HTTP'],
    [
      value('Upgrade').toLowerCase() === 'websocket' ||
        (value('Upgrade').includes(',') && has('takes a list in Upgrade')),
      'takes an answer without Upgrade',
    ],
    [/(^|[ \t,])upgrade($|[ \t,])/i.test(value('Connection')), 'takes an answer without Connection'],
    [accept === acceptOf(key) || (anyCase && accept.toLowerCase() === acceptOf(key).toLowerCase()), 'takes any Accept'],
    [value('Sec-WebSocket-Protocol') === '', 'takes a subprotocol that it did not ask for'],
    [isAnswer(value('Sec-WebSocket-Extensions')), 'takes an extension that it did not offer'],
  ]
  return lines.length < 200 && head.length < 65_536 && holds.every(([fine, name]) => fine || has(name))
}
