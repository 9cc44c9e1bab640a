/** Answers to a handshake that no library would give: `/answers?` and the name of one. */
import { acceptFor, type Wire } from '../peer.ts'

const accept = (wire: Wire): string => acceptFor(wire.header('Sec-WebSocket-Key') ?? '')

/** The fields of a good answer, with some of them changed; undefined leaves one out. */
function fieldsOf(wire: Wire, change: Readonly<Record<string, string | undefined>> = {}): string[] {
  const fields = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': accept(wire), ...change }
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
}

/** A good answer but for some fields. */
const switching =
  (change: (wire: Wire) => Readonly<Record<string, string | undefined>>, more: readonly string[] = []) =>
  (wire: Wire): void =>
    void wire.answer(101, [...fieldsOf(wire, change(wire)), ...more]).echo()

/** An answer that switches no protocols. */
const status =
  (code: number, fields: readonly string[] = []) =>
  (wire: Wire): void =>
    void wire.answer(code, ['Content-Length: 0', 'Connection: close', ...fields]).socket.end()

/** A good head in the words that are given. */
const words =
  (head: (wire: Wire) => string): ((wire: Wire) => void) =>
  wire => {
    wire.socket.write(head(wire))
    wire.echo()
  }

const CRLF = '\r\n'
const whole = (wire: Wire, first = 'HTTP/1.1 101 Status'): string => [first, ...fieldsOf(wire), '', ''].join(CRLF)

const kinds: Readonly<Record<string, (wire: Wire) => void>> = {
  '200': status(200),
  '204': wire => void wire.answer(204, ['Connection: close']).socket.end(),
  '307': status(307, ['Location: /echo']),
  '401': status(401, ['WWW-Authenticate: Digest realm="x", nonce="y"']),
  '426': status(426, ['Sec-WebSocket-Version: 99', 'Upgrade: websocket']),
  '500': status(500),
  '103': words(wire => ['HTTP/1.1 103 Early Hints', 'Link: </x>; rel=preload', '', whole(wire)].join(CRLF)),
  old: words(wire => whole(wire, 'HTTP/1.0 101 Status')),
  reason: words(wire => whole(wire, 'HTTP/1.1 101 Come in')),
  'no-upgrade': switching(() => ({ Upgrade: undefined })),
  'other-upgrade': switching(() => ({ Upgrade: 'h2c' })),
  'no-connection': switching(() => ({ Connection: undefined })),
  'other-connection': switching(() => ({ Connection: 'keep-alive' })),
  'no-accept': switching(() => ({ 'Sec-WebSocket-Accept': undefined })),
  'other-accept': switching(() => ({ 'Sec-WebSocket-Accept': acceptFor('AAAAAAAAAAAAAAAAAAAAAA==') })),
  'case-accept': switching(wire => ({ 'Sec-WebSocket-Accept': accept(wire).toLowerCase() })),
  'two-accepts': wire => void wire.answer(101, [...fieldsOf(wire), `Sec-WebSocket-Accept: ${accept(wire)}`]).echo(),
  'two-protocols': switching(() => ({}), ['Sec-WebSocket-Protocol: one', 'Sec-WebSocket-Protocol: two']),
  'deflate-twice': switching(() => ({}), ['Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate']),
  case: words(wire => whole(wire).replace(/^.*: (websocket|Upgrade)/gim, line => line.toUpperCase())),
  list: switching(() => ({ Connection: 'keep-alive, upgrade' })),
  blanks: words(wire => whole(wire).replaceAll(/: ([^\r\n]*)/g, ': \t $1  ')),
  more: switching(() => ({ Server: 'x', 'Set-Cookie': 'flavour=oat', 'X-Empty': '' })),
  bytes: wire => {
    const head = whole(wire)
    wire.echo()
    const write = (at: number): void => {
      if (at < head.length) wire.socket.write(head.charAt(at), () => setImmediate(write, at + 1))
    }
    wire.socket.setNoDelay(true)
    write(0)
  },
  garbage: wire => void wire.socket.end(`welcome${CRLF}${CRLF}`),
  nothing: wire => void wire.socket.end(),
  half: wire => void wire.socket.end(whole(wire).slice(0, 40)),
}

export const answers: Readonly<Record<string, (wire: Wire) => void>> = {
  '/answers': wire => {
    const query = wire.target.search.slice(1)
    const [kind = '', location = '/echo'] = /^301=?(.*)$/.test(query) ? ['301', query.slice(4) || '/echo'] : [query]
    if (kind === '301') status(301, [`Location: ${location}`])(wire)
    else kinds[kind]?.(wire)
  },
}
