/** The suite itself against hostile servers: each case has a verdict by its deadline, and what is kept is bounded. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Case } from '../../src/verify/case.ts'
import { cases } from '../../src/verify/cases.ts'
import { Bytes } from '../../src/verify/engine/bytes.ts'
import { Inflater } from '../../src/verify/engine/deflate.ts'
import { dial } from '../../src/verify/engine/dial.ts'
import type { Observed } from '../../src/verify/engine/exchange.ts'
import { takeHead } from '../../src/verify/engine/head.ts'
import { judge } from '../../src/verify/engine/judge.ts'
import { Reader, type Seen } from '../../src/verify/engine/reader.ts'
import type { Result } from '../../src/verify/engine/result.ts'

const ACCEPTED =
  'HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n'

/** One case against a server that does what it likes, and how long it took. */
async function against(id: string, hostile: (socket: Socket) => void, deadline = 300): Promise<Result> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    socket.once('data', () => hostile(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Some ask for more time, which such a server would take.
  const { deadline: _, ...of } = cases.find(one => one.id === id) as Case
  try {
    const { port } = server.address() as AddressInfo
    return await dial(of, { url: new URL(`ws://127.0.0.1:${port}/`), deadline })
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

/** Writes as long as somebody reads. */
function pour(socket: Socket, bytes: Buffer): void {
  const more = (): void => {
    while (socket.writable && socket.write(bytes));
  }
  socket.on('drain', more)
  more()
}

/** A byte now and then, until the line is cut. */
function trickle(socket: Socket): void {
  const timer = setInterval(() => socket.write('x'), 20)
  socket.on('close', () => clearInterval(timer))
}

const huge = Buffer.from('827f7fffffffffffffff', 'hex')

test('an echo that takes long fails nobody, where a line may be opened or refused', async () => {
  const { verdict, notes } = await against(
    '10.15.6',
    socket => {
      socket.write(`${ACCEPTED}\r\n`)
      socket.on('data', ([first]) => {
        if (first === 0x81) setTimeout(() => socket.write(Buffer.from('\x81\x05Hello', 'latin1')), 900)
        else socket.end(Buffer.from('880203e8', 'hex'))
      })
    },
    8_000,
  )
  expect([verdict, notes[0]]).toEqual(['pass', expect.stringContaining('403')])
})

test('of a line on which something came it is not said that nothing did', async () => {
  const { notes } = await against('1.1.1', socket => socket.write(`${ACCEPTED}\r\n\x8a\x00`, 'latin1'))
  expect(notes.join()).not.toContain('nothing came')
})

describe('a hostile server gets a verdict by the deadline:', () => {
  test.each<readonly [name: string, ending: string, hostile: (socket: Socket) => void]>([
    ['one that never answers', 'never opened', () => {}],
    ['one that hangs up at once', 'never opened', socket => socket.end()],
    ['one that resets', 'never opened', socket => socket.resetAndDestroy()],
    ['one that sends headers without an end', 'never opened', socket => pour(socket, Buffer.alloc(65_536, 'X: y\r\n'))],
    ['one that sends garbage', 'never opened', socket => pour(socket, Buffer.alloc(65_536, 0xff))],
    ['one that sends one byte now and then', 'never opened', trickle],
    ['one that opens and is silent', 'silence', socket => socket.write(`${ACCEPTED}\r\n`)],
    [
      'one that declares 2^63 - 1 bytes',
      'silence',
      socket => {
        socket.write(`${ACCEPTED}\r\n`)
        pour(socket, Buffer.concat([huge, Buffer.alloc(65_536)]))
      },
    ],
    [
      'one that sends messages without an end',
      'silence',
      socket => {
        socket.write(`${ACCEPTED}\r\n`)
        pour(socket, Buffer.from('8a00'.repeat(5000), 'hex'))
      },
    ],
  ])('%s', async (_name, ending, hostile) => {
    const result = await against('1.1.2', hostile)
    expect(result).toMatchObject({ verdict: 'strict-fail', ending: expect.stringMatching(ending) })
    expect(result.exchange.length).toBeLessThanOrEqual(100)
  })

  test('one that answers with a gigabyte of compressed zeros', async () => {
    const zeros = deflateRawSync(Buffer.alloc(2 ** 28), { level: 9 })
    const head = Buffer.from(`${ACCEPTED}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`)
    const frame = Buffer.concat([Buffer.from('c27f', 'hex'), Buffer.alloc(8), zeros])
    frame.writeBigUInt64BE(BigInt(zeros.length), 2)
    const { verdict, notes } = await against('13.1.2', socket => void socket.write(Buffer.concat([head, frame])))
    expect(verdict).toBe('strict-fail')
    expect(notes.join()).toMatch(/does not inflate/)
  })
})

describe('the reader', () => {
  const read = (hex: string, masked = false, inflater?: Inflater) => {
    const seen: Seen[] = []
    const faults: string[] = []
    const reader = new Reader({
      masked,
      inflater,
      seen: event => seen.push(event),
      fault: text => faults.push(text),
    })
    for (const byte of Buffer.from(hex.replaceAll(' ', ''), 'hex')) reader.push(Buffer.of(byte))
    reader.end()
    return { seen, faults }
  }

  test.each([
    ['a frame that is masked', '8185000000004868686868', 'masked'],
    ['a length in too many bytes', '817e000141', 'fewest bytes'],
    ['a reserved bit', 'c10141', 'reserved bits (100)'],
    ['a reserved opcode', '830141', 'opcode 3'],
    ['a control frame in fragments', '0900', 'in fragments'],
    ['a control frame of 126 bytes', `897e007e${'00'.repeat(126)}`, '126 bytes'],
    ['a Close frame of one byte', '880103', 'one byte'],
    ['close code 1005', '880203ed', 'close code 1005'],
    ['a reason that is not UTF-8', '880303e8ff', 'not UTF-8'],
    ['a frame behind a Close frame', '8800 8100', 'after its Close frame'],
    ['a message within a message', '010141 810141', 'within another'],
    ['a continuation of nothing', '800141', 'not begun'],
    ['text that is not UTF-8', '8101ff', 'not UTF-8'],
    ['an end in the middle of a frame', '810541', 'into a frame'],
  ])('notes %s', (_name, hex, says) => expect(read(hex).faults.join()).toContain(says))

  test('keeps no more than a frame of 64 MiB and 256 MiB in all, whatever is declared and however long it goes on', () => {
    const faults: string[] = []
    const options = { masked: false, seen: () => {}, fault: (text: string) => faults.push(text) }
    const declared = new Reader(options)
    declared.push(huge)
    for (let count = 0; count < 100; count++) declared.push(Buffer.alloc(65_536))
    expect([declared.kept, faults.length]).toEqual([0, 1])
    const endless = new Reader(options)
    const chunk = Buffer.from('8a00'.repeat(10_000), 'hex')
    for (let count = 0; count < 220; count++) endless.push(chunk)
    expect(endless.kept).toBeLessThanOrEqual(268_435_456)
    expect(faults.at(-1)).toContain('more than any case asks for')
  })

  test('finds nothing wrong with what is right', () => {
    expect(read('010148 8900 800169 8a0141 880203e8').faults).toEqual([])
    expect(read('8181000000004188820000000003e8', true).faults).toEqual([])
  })

  test('notes a reference beyond the window that was agreed, and the tail that should be gone', () => {
    const inflater = () => new Inflater({ windowBits: 9, takeover: true })
    const noise = Buffer.from(Array.from({ length: 700 }, (_, at) => (at * at * 7 + (at >> 3)) & 255))
    const frame = (payload: Buffer) => `c27e${payload.length.toString(16).padStart(4, '0')}${payload.toString('hex')}`
    const wide = deflateRawSync(Buffer.concat([noise, noise]), { windowBits: 15, finishFlush: 2 }).subarray(0, -4)
    expect(read(frame(wide), false, inflater()).faults.join()).toContain('does not inflate')
    expect(read('c10b f248cdc9c907000000ffff', false, inflater()).faults.join()).toContain('leaves 00 00 ff ff')
    expect(read('c107 f248cdc9c90700', false, inflater()).faults).toEqual([])
  })
})

test('a head is given up at 64 KiB', () => {
  const bytes = new Bytes()
  bytes.push(Buffer.alloc(65_536, 'x'))
  expect(takeHead(bytes)).toBeUndefined()
  bytes.push(Buffer.from('x'))
  expect(() => takeHead(bytes)).toThrow('no head')
})

describe('the judge', () => {
  const plain: Observed = {
    status: 101,
    fields: new Map(),
    opened: true,
    seen: [{ kind: 'close', code: 1000, reason: '' }],
    faults: [],
    ended: 'peer',
    early: false,
    asked: false,
    lacks: undefined,
  }
  const of: Case = {
    id: '0.0.0',
    title: 'a case',
    clause: 'RFC 6455 §1',
    why: 'It is one.',
    steps: [],
    outcomes: [
      { verdict: 'pass', end: { how: 'closed', by: 'suite', codes: [1000] } },
      { verdict: 'lenient', end: { how: 'dropped' }, note: 'not best' },
    ],
  }
  const message: Seen = { kind: 'text', data: Buffer.from('a'), compressed: false, frames: 1 }

  test.each<readonly [string, Partial<Observed>, string, string, string]>([
    ['what is best passes', {}, 'pass', 'clean', ''],
    ['what is allowed is lenient', { seen: [] }, 'lenient', 'unclean', 'not best'],
    ['another code is neither', { seen: [{ kind: 'close', code: 1001, reason: '' }] }, 'strict-fail', 'clean', '1001'],
    ['a fault fails whatever else was seen', { faults: ['§5.1: bad'] }, 'strict-fail', 'clean', '§5.1: bad'],
    ['what the peer lacks is told', { lacks: 'no compression' }, 'informational', 'clean', 'no compression'],
    ['a connection that stays is not clean', { ended: undefined }, 'strict-fail', 'not ended', 'kept the connection'],
    ['silence is no end', { seen: [], ended: undefined }, 'strict-fail', 'silence', 'nothing came'],
    ['a reset is told apart', { seen: [], ended: 'reset' }, 'lenient', 'reset', 'not best'],
    ['a message too many fails', { seen: [message, ...plain.seen] }, 'strict-fail', 'clean', 'should not'],
    [
      'a Pong that answers nothing fails',
      { seen: [{ kind: 'pong', data: Buffer.from('x') }, ...plain.seen] },
      'strict-fail',
      'clean',
      'answers no Ping',
    ],
    ['a refusal is no opening', { opened: false, status: 400, seen: [] }, 'strict-fail', 'refused', '400'],
  ])('%s', (_name, changes, verdict, ending, says) => {
    const judged = judge(of, { ...plain, ...changes })
    expect([judged.verdict, judged.ending]).toEqual([verdict, ending])
    expect(judged.why.join()).toContain(says)
  })

  test('who only answers the Close frame of the suite has failed nothing', () => {
    const fails: Case = { ...of, outcomes: [{ verdict: 'pass', end: { how: 'closed', by: 'peer', codes: 'any' } }] }
    expect(judge(fails, plain).verdict).toBe('pass')
    const asked = judge(fails, { ...plain, asked: true })
    expect(asked.verdict).toBe('strict-fail')
    expect(asked.why.join()).toContain("answered the suite's Close frame with 1000")
  })

  test('what is timed is never a verdict', () => {
    expect(judge({ ...of, timed: true }, plain).verdict).toBe('informational')
  })
})
