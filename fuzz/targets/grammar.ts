/** The grammar of extensions and subprotocols, and what is negotiated by it: a second reading, and that of ws. RFC 6455 §9.1 */
import {
  acceptDeflate,
  type DeflateParams,
  offerDeflate,
  readDeflateAnswer,
} from '../../packages/hotline/src/protocol/deflate.ts'
import {
  formatExtensions,
  negotiateExtensions,
  parseExtensions,
} from '../../packages/hotline/src/protocol/handshake/extensions.ts'
import { chooseProtocol, parseProtocols } from '../../packages/hotline/src/protocol/handshake/subprotocol.ts'
import { join, latin1, utf8 } from '../engine/bytes.ts'
import { Draw } from '../engine/draw.ts'
import { extensionList, protocolList } from '../engine/headers.ts'
import { claim, type Difference, type Explain, type Target } from '../engine/target.ts'
import { type Extension, isPlainValue, plainExtensions, plainProtocols } from '../reference/headers.ts'
import { extension, subprotocol } from '../reference/ws.ts'

/** What ws makes of a value; undefined where it throws. */
function byWs<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The same list as ws gives it: by name, and the parameters by their names. */
function grouped(extensions: readonly Extension[]): string {
  const offers: Record<string, Record<string, (string | true)[]>[]> = Object.create(null)
  for (const { name, params } of extensions) {
    const byName: Record<string, (string | true)[]> = Object.create(null)
    for (const [param, value] of params) (byName[param] ??= []).push(value)
    ;(offers[name] ??= []).push(byName)
  }
  return JSON.stringify(offers)
}

const WS_BLANKS: Difference = {
  what: 'ws refuses blanks where the grammar of lists has them: before the first element, around =, behind the last; and empty elements',
  clause:
    'RFC 6455 §9.1 and RFC 2616 §2.1: linear white space may stand between any two words, and null elements are allowed; RFC 9110 has no blanks around =',
  right: 'both',
}

export const extensions: Target = {
  name: 'extensions',
  explains: [WS_BLANKS],
  about:
    'Sec-WebSocket-Extensions and the parameters of permessage-deflate: a second reading, ws, and both ends agreeing',
  longest: 2000,

  make: random => join([random.bytes(4), utf8(extensionList(random))]),

  run(input, explain) {
    const text = latin1(input.subarray(4))
    const got = parseExtensions(text)
    const wanted = plainExtensions(text)
    claim(
      JSON.stringify(got) === JSON.stringify(wanted),
      'a list of extensions is read as by the grammar',
      text,
      got,
      wanted,
    )
    compareExtensions(text, wanted, explain)
    const wishes = wishesOf(new Draw(input))
    // A client that offers with these wishes, and a server that has others.
    const offer = offerDeflate(wishes)
    agree([offer], wishesOf(new Draw(input.subarray(2))), wishes)
    if (got === undefined) return
    claim(
      JSON.stringify(parseExtensions(formatExtensions(got))) === JSON.stringify(got),
      'what is written is read again',
    )
    agree(got, wishes)
    for (const one of got) checkAnswer(readDeflateAnswer(one, wishes), wishes)
  },
}

/** The elements that are not empty, without the blanks around them; what is read as a list has no comma in quotes. */
const withoutEmpty = (text: string): string =>
  text
    .split(',')
    .map(element => element.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter(element => element !== '')
    .join(',')

function compareExtensions(text: string, wanted: Extension[] | undefined, explain: Explain): void {
  const theirs = byWs(() => extension.parse(text))
  const ours = wanted === undefined ? undefined : grouped(wanted)
  if (ours === (theirs === undefined ? undefined : JSON.stringify(theirs))) return
  const tight = withoutEmpty(text).replace(/(?<==)[ \t]+|[ \t]+(?==)/g, '')
  const again = byWs(() => extension.parse(tight))
  claim(theirs === undefined && JSON.stringify(again) === ours, 'a difference to ws is explained', text, ours, theirs)
  explain(WS_BLANKS)
}

const BITS = [15, 15, 8, 9, 10, 14]

function wishesOf(draw: Draw): DeflateParams {
  const flags = draw.byte()
  const bits = draw.byte()
  return {
    serverNoContextTakeover: (flags & 1) !== 0,
    clientNoContextTakeover: (flags & 2) !== 0,
    serverMaxWindowBits: BITS[bits % 6] as number,
    clientMaxWindowBits: BITS[(bits >> 4) % 6] as number,
  }
}

/** A client takes no answer that gives less than it asked for, and keeps to what it wished of itself. RFC 7692 §7.1 */
function checkAnswer(params: DeflateParams | undefined, wishes: DeflateParams): void {
  if (params === undefined) return
  const { serverMaxWindowBits, clientMaxWindowBits, serverNoContextTakeover, clientNoContextTakeover } = params
  const isBits = (bits: number): boolean => Number.isInteger(bits) && bits >= 8 && bits <= 15
  claim(isBits(serverMaxWindowBits) && isBits(clientMaxWindowBits), 'a window has 8 to 15 bits', params)
  claim(serverMaxWindowBits <= wishes.serverMaxWindowBits, 'a server has no larger window than was asked for', params)
  claim(serverNoContextTakeover || !wishes.serverNoContextTakeover, 'a server forgets where it was asked to', params)
  claim(clientMaxWindowBits <= wishes.clientMaxWindowBits, 'a client has no larger window than it wished', params)
  claim(clientNoContextTakeover || !wishes.clientNoContextTakeover, 'a client forgets where it wished to', params)
}

/** The server answers with what it understood, and nothing that was not offered. RFC 7692 §5.1, §7.1 */
function agree(
  offers: Extension[] | Parameters<typeof negotiateExtensions>[0],
  server: DeflateParams,
  client?: DeflateParams,
): void {
  const accept = (offer: Parameters<typeof acceptDeflate>[0]) => acceptDeflate(offer, server)
  const { header, agreed } = negotiateExtensions(offers, [{ name: 'permessage-deflate', accept }])
  if (header === undefined) {
    claim(client === undefined, 'a server takes the offer of our client')
    return
  }
  claim(isPlainValue(header), 'an answer is a field value')
  const ours = agreed[0]?.agreed as DeflateParams
  const answered = parseExtensions(header)
  claim(answered?.length === 1, 'an answer names the extension once', header)
  const asked = offers.find(offer => offer.name === 'permessage-deflate' && acceptDeflate(offer, server) !== undefined)
  const spoken = (name: string): boolean => asked?.params.some(([param]) => param === name) === true
  const answersBits = answered[0]?.params.some(([name]) => name === 'client_max_window_bits')
  claim(
    !answersBits || spoken('client_max_window_bits'),
    'a window is not told to a client that did not speak of it',
    header,
  )
  claim(ours.serverMaxWindowBits <= server.serverMaxWindowBits, 'a server keeps to its own window')
  const plain: DeflateParams = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
  }
  const theirs = readDeflateAnswer(answered[0] as Extension, client ?? plain)
  claim(theirs !== undefined, 'a client takes what our server answers', header)
  claim(theirs.serverMaxWindowBits === ours.serverMaxWindowBits, 'both know the window of the server', ours, theirs)
  claim(
    theirs.serverNoContextTakeover === ours.serverNoContextTakeover,
    'both know what the server forgets',
    ours,
    theirs,
  )
  claim(
    theirs.clientMaxWindowBits <= ours.clientMaxWindowBits,
    'a client keeps to the window that it was given',
    ours,
    theirs,
  )
  claim(
    theirs.clientNoContextTakeover || !ours.clientNoContextTakeover,
    'a client forgets what it was asked to',
    ours,
    theirs,
  )
}

const WS_EMPTY: Difference = {
  what: 'ws refuses blanks before the first subprotocol and behind the last, and empty elements',
  clause:
    'RFC 9110 §5.5: the blanks are no part of the value, so no parser of HTTP passes them on; §5.6.1.2: a recipient passes over empty elements',
  right: 'both',
}

export const protocols: Target = {
  name: 'protocols',
  explains: [WS_EMPTY],
  about: 'Sec-WebSocket-Protocol: a second reading, and that of ws',
  longest: 2000,

  make: random => utf8(Array.from({ length: random.oneIn(4) ? 2 : 1 }, () => protocolList(random)).join('\n')),

  run(input, explain) {
    const values = latin1(input).split('\n')
    const got = parseProtocols(values)
    const wanted = plainProtocols(values)
    claim(
      JSON.stringify(got) === JSON.stringify(wanted),
      'subprotocols are read as by the grammar',
      values,
      got,
      wanted,
    )
    const text = values.join(',')
    const theirs = byWs(() => [...subprotocol.parse(text)])
    if (JSON.stringify(theirs) !== JSON.stringify(wanted)) {
      const again = byWs(() => [...subprotocol.parse(withoutEmpty(text))])
      claim(JSON.stringify(again) === JSON.stringify(wanted), 'a difference to ws is explained', text, wanted, theirs)
      explain(WS_EMPTY)
    }
    if (got === undefined) return
    const supported = [...got.slice(1), 'chat', ...got.slice(0, 1)]
    const chosen = chooseProtocol(got, supported)
    claim(chosen !== undefined && got.includes(chosen), 'a server chooses of what was offered', chosen)
    claim(
      supported.slice(0, supported.indexOf(chosen)).every(name => !got.includes(name)),
      'a server chooses the first',
    )
    claim(chooseProtocol(got, []) === undefined, 'a server without subprotocols chooses none')
  },
}
