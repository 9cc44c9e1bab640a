import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError, UsageError } from '../../src/errors.ts'
import { Opcode, type Role } from '../../src/protocol/opcode.ts'
import type { Told } from '../vectors/vector.ts'
import { endpoint, fromPeer, hex, law, otherEnd, readAll, roles, shape, shapes, toHex } from './support.ts'

type Ends = ReturnType<typeof endpoint>

/** Ways into each state of the closing handshake. RFC 6455 §7.1.2 to §7.1.7 */
const states = {
  open: () => {},
  'closing, by us': ({ it }: Ends) => it.close(1000, 'bye'),
  'closed, by us first': ({ it, read }: Ends) => {
    it.close(1000, 'bye')
    read(fromPeer(it.role, '88 02 03 e8'))
  },
  'closed, by the peer first': ({ it, read }: Ends) => void read(fromPeer(it.role, '88 02 03 e9')),
  failed: ({ it }: Ends) => it.fail(new ProtocolError('wrong', 1008)),
  'failed while closing': ({ it }: Ends) => {
    it.close(1000, 'bye')
    it.fail(new ProtocolError('wrong', 1008))
  },
} as const

/** What can happen to an endpoint. */
const events = {
  'we close': ({ it }: Ends) => it.close(4000, 'mine'),
  'we fail': ({ it }: Ends) => it.fail(new ProtocolError('ours', 1011)),
  'the peer closes': ({ it, read }: Ends) => void read(fromPeer(it.role, '88 04 0f a1 68 69')),
  'the peer breaks the standard': ({ it, read }: Ends) => void read(fromPeer(it.role, '83 00')),
  'a message comes': ({ it, read }: Ends) => void read(fromPeer(it.role, '81 01 41 | 82 01 42')),
  'a ping comes': ({ it, read }: Ends) => void read(fromPeer(it.role, '89 01 07')),
  'a pong comes': ({ it, read }: Ends) => void read(fromPeer(it.role, '8a 01 07')),
} as const

type Row = readonly [
  state: keyof typeof states,
  event: keyof typeof events,
  phase: 'open' | 'closing' | 'closed',
  told: readonly Told[],
  wrote: readonly Told[],
]

const ours = '0f a0 6d 69 6e 65'

/** RFC 6455 §5.5, §7: every state with every event. */
const table: readonly Row[] = [
  ['open', 'we close', 'closing', [], [['close', ours]]],
  ['open', 'we fail', 'closing', [['fail', 1011], ['hangup']], [['close', '03 f3 6f 75 72 73']]],
  ['open', 'the peer closes', 'closed', [['closing', 4001, 'hi'], ['hangup']], [['close', '0f a1 68 69']]],
  [
    'open',
    'the peer breaks the standard',
    'closing',
    [['fail', 1002], ['hangup']],
    [['close', `03 ea ${toHex(new TextEncoder().encode('opcode 3 is reserved'))}`]],
  ],
  [
    'open',
    'a message comes',
    'open',
    [
      ['text', 'A'],
      ['binary', '42'],
    ],
    [],
  ],
  ['open', 'a ping comes', 'open', [], [['pong', '07']]],
  ['open', 'a pong comes', 'open', [['pong', '07']], []],

  ['closing, by us', 'we close', 'closing', [], []],
  ['closing, by us', 'we fail', 'closing', [['fail', 1011], ['hangup']], []],
  ['closing, by us', 'the peer closes', 'closed', [['hangup']], []],
  ['closing, by us', 'the peer breaks the standard', 'closing', [['fail', 1002], ['hangup']], []],
  ['closing, by us', 'a message comes', 'closing', [], []],
  ['closing, by us', 'a ping comes', 'closing', [], [['pong', '07']]],
  ['closing, by us', 'a pong comes', 'closing', [['pong', '07']], []],

  ...(['closed, by us first', 'closed, by the peer first'] as const).flatMap(state =>
    Object.keys(events).map((event): Row => [state, event as keyof typeof events, 'closed', [], []]),
  ),
  ...(['failed', 'failed while closing'] as const).flatMap(state =>
    Object.keys(events).map((event): Row => [state, event as keyof typeof events, 'closing', [], []]),
  ),
]

for (const role of roles) {
  describe(`the closing handshake of a ${role}`, () => {
    for (const [state, event, phase, told, wrote] of table)
      test(`${state}: when ${event}, it is ${phase}`, () => {
        const ends = endpoint(role)
        states[state](ends)
        ends.diary.told.length = 0
        ends.sheet.take()
        events[event](ends)
        expect(ends.diary.told).toEqual(told)
        expect(readAll(otherEnd(role), ends.sheet.take())).toEqual(wrote)
        expect(ends.it.state.phase).toBe(phase)
        expect(ends.it.isOpen).toBe(phase === 'open')
      })

    test('every state is met by every event', () => {
      const met = new Set(table.map(([state, event]) => `${state}: ${event}`))
      expect(met.size).toBe(Object.keys(states).length * Object.keys(events).length)
    })

    test('remembers what was sent and what was received', () => {
      const { it: first, read } = endpoint(role)
      first.close(1000, 'bye')
      expect(first.state).toEqual({ phase: 'closing', sent: { code: 1000, reason: 'bye' } })
      read(fromPeer(role, '88 04 03 e9 68 69'))
      const received = { code: 1001, reason: 'hi' }
      expect(first.state).toEqual({ phase: 'closed', sent: { code: 1000, reason: 'bye' }, received })

      const { it: second, read: readSecond } = endpoint(role)
      readSecond(fromPeer(role, '88 04 03 e9 68 69'))
      expect(second.state).toEqual({ phase: 'closed', sent: received, received })

      const { it: third } = endpoint(role)
      const error = new ProtocolError('wrong', 1008)
      third.fail(error)
      expect(third.state).toEqual({ phase: 'closing', sent: { code: 1008, reason: 'wrong' }, error })
    })

    test('tells the first error, and hangs up once, however often it fails', () => {
      const { it, diary, read } = endpoint(role)
      it.fail(new ProtocolError('first', 1008))
      it.fail(new ProtocolError('second', 1011))
      read(fromPeer(role, '83 00'))
      expect(diary.told).toEqual([['fail', 1008], ['hangup']])
      expect(diary.errors.map(({ message }) => message)).toEqual(['first'])
    })

    test('is over when both have closed, whoever was first, and both know the same', () =>
      law(
        fc.property(
          fc.constantFrom(1000, 1001, 1011, 3000, 4999),
          fc.string({ unit: 'binary', maxLength: 30 }),
          shape(10),
          (code, reason, chunks) => {
            const a = endpoint(role)
            const b = endpoint(otherEnd(role))
            a.it.close(code, reason)
            b.read(a.sheet.take(), chunks)
            a.read(b.sheet.take(), chunks)
            expect([a.diary.told, b.diary.told]).toEqual([[['hangup']], [['closing', code, reason], ['hangup']]])
            expect(a.it.state).toMatchObject({ phase: 'closed', sent: { code, reason }, received: { code, reason } })
            expect(b.it.state).toMatchObject({ phase: 'closed', sent: { code, reason }, received: { code, reason } })
          },
        ),
        30,
      ))

    test('is over when both close at once', () => {
      const a = endpoint(role)
      const b = endpoint(otherEnd(role))
      a.it.close(1000, 'a')
      b.it.close(1001, 'b')
      const fromA = a.sheet.take()
      a.read(b.sheet.take())
      b.read(fromA)
      expect([a.diary.told, b.diary.told]).toEqual([[['hangup']], [['hangup']]])
      expect(a.it.state).toMatchObject({ phase: 'closed', received: { code: 1001, reason: 'b' } })
      expect(b.it.state).toMatchObject({ phase: 'closed', received: { code: 1000, reason: 'a' } })
      expect([a.sheet.written, b.sheet.written]).toEqual([[], []])
    })

    // RFC 6455 §5.5, §7.4
    const refused: readonly (readonly [name: string, act: (ends: Ends) => void])[] = [
      ['the close code 1006', ({ it }) => it.close(1006)],
      ['the close code 999', ({ it }) => it.close(999)],
      ['the close code 5000', ({ it }) => it.close(5000)],
      ['a close reason without a code', ({ it }) => it.close(undefined, 'why')],
      ['a close reason of 124 bytes', ({ it }) => it.close(1000, 'ä'.repeat(62))],
      ['a ping of 126 bytes', ({ it }) => it.ping(new Uint8Array(126))],
    ]
    for (const [name, act] of refused)
      test(`does not send ${name}, and stays open`, () => {
        const ends = endpoint(role)
        expect(() => act(ends)).toThrow(UsageError)
        expect(ends.it.isOpen).toBe(true)
        expect(ends.sheet.written).toEqual([])
      })

    test('does not take a wrong close code when it is closing already, either', () => {
      const { it } = endpoint(role)
      it.close()
      expect(() => it.close(1006)).toThrow(UsageError)
    })

    test('sends a ping of 125 bytes', () => {
      const { it, sheet } = endpoint(role)
      it.ping(new Uint8Array(125))
      expect(readAll(otherEnd(role), sheet.take())).toEqual([['ping', toHex(new Uint8Array(125))]])
    })

    test('cuts the reason of a failure to what fits into a frame', () => {
      const { it, sheet } = endpoint(role)
      it.fail(new ProtocolError('ü'.repeat(100), 1011))
      expect(readAll(otherEnd(role), sheet.take())).toEqual([
        ['close', toHex(new TextEncoder().encode(`\u0003\u0000${'ü'.repeat(61)}`)).replace('03 00', '03 f3')],
      ])
      expect(it.state).toMatchObject({ sent: { reason: 'ü'.repeat(61) } })
    })
  })

  describe.each(shapes)(`a ${role} that acts inside a call, when bytes come %s`, (_, chunks) => {
    /** Frames of all kinds, and what is told of them as far as the line is open. */
    const frames = '01 01 41 | 89 01 01 | 80 01 42 | 82 01 43 | 8a 01 02 | 89 01 03 | 88 02 03 e8 | 81 01 44'
    const act = (role: Role, on: (ends: Ends, what: Told) => void) => {
      const ends = endpoint(role)
      ends.diary.on = what => on(ends, what)
      const unread = ends.read(fromPeer(role, frames), chunks)
      return { ...ends, unread, wrote: readAll(otherEnd(role), ends.sheet.take()) }
    }

    test('closes from inside a message: later ones are discarded, pings are answered, the close frame ends it', () => {
      const { diary, wrote, it } = act(role, ({ it }) => it.close(1001))
      expect(diary.told).toEqual([['text', 'AB'], ['pong', '02'], ['hangup']])
      expect(wrote).toEqual([
        ['pong', '01'],
        ['close', '03 e9'],
        ['pong', '03'],
      ])
      expect(it.state.phase).toBe('closed')
    })

    test('fails from inside a message: nothing more is read', () => {
      const { diary, wrote, unread } = act(role, ({ it }, [what]) => {
        if (what === 'text') it.fail(new ProtocolError('no', 1008))
      })
      expect(diary.told).toEqual([['text', 'AB'], ['fail', 1008], ['hangup']])
      expect(wrote).toEqual([
        ['pong', '01'],
        ['close', '03 f0 6e 6f'],
      ])
      expect(unread).toHaveLength(0)
    })

    test('sends from inside a message: it leaves before the answers to what comes later', () => {
      const { wrote } = act(role, ({ it }, [what, data]) => {
        if (what === 'text') it.sendText(`${data}!`)
        if (what === 'binary') it.sendBinary(hex(String(data)))
      })
      const [one, three] = [
        ['pong', '01'],
        ['pong', '03'],
      ]
      expect(wrote).toEqual([one, ['text', 'AB!'], ['binary', '43'], three, ['close', '03 e8']])
    })

    test('pauses from inside a message: the rest is left, and read when it resumes', () => {
      const { it, diary, unread, read, sheet } = act(role, ({ it }) => it.pause())
      expect(diary.told).toEqual([['text', 'AB']])
      diary.on = () => {}
      it.resume()
      expect(read(unread, chunks)).toHaveLength(0)
      expect(diary.told).toEqual([['text', 'AB'], ['binary', '43'], ['pong', '02'], ['closing', 1000, ''], ['hangup']])
      expect(readAll(otherEnd(role), sheet.take())).toEqual([
        ['pong', '03'],
        ['close', '03 e8'],
      ])
    })

    test('pauses and fails from inside a message: nothing is left to read', () => {
      const { unread, diary } = act(role, ({ it }) => {
        it.pause()
        it.fail(new ProtocolError('no', 1008))
      })
      expect(unread).toHaveLength(0)
      expect(diary.told).toEqual([['text', 'AB'], ['fail', 1008], ['hangup']])
    })

    test('closes and fails from inside the news that the peer closes: it is too late for both', () => {
      const { diary, wrote, it } = act(role, ({ it }, [what]) => {
        if (what !== 'closing') return
        it.close(4000)
        it.fail(new ProtocolError('no', 1008))
      })
      expect(diary.told.slice(-2)).toEqual([['closing', 1000, ''], ['hangup']])
      expect(wrote.at(-1)).toEqual(['close', '03 e8'])
      expect(it.state.phase).toBe('closed')
    })
  })

  // RFC 6455 §5.5.2, §5.5.3
  describe(`the pongs of a ${role}`, () => {
    const pings = (...payloads: string[]) => fromPeer(role, payloads.map(octet => `89 01 ${octet}`).join('|'))
    const wrote = (ends: Ends) => readAll(otherEnd(role), ends.sheet.take())

    test('wait while the peer does not read, and only the newest goes', () => {
      const ends = endpoint(role)
      ends.sheet.congested = true
      for (const chunks of [[0], [1]]) {
        ends.read(pings('01', '02', '03'), chunks)
        expect(wrote(ends)).toEqual([])
      }
      ends.sheet.congested = false
      ends.it.drained()
      expect(wrote(ends)).toEqual([['pong', '03']])
      ends.it.drained()
      expect(wrote(ends)).toEqual([])
    })

    test('never go out in the wrong order: a newer one makes the one that waits needless', () => {
      const ends = endpoint(role)
      ends.sheet.congested = true
      ends.read(pings('01'))
      ends.sheet.congested = false
      ends.read(pings('02'))
      ends.it.drained()
      expect(wrote(ends)).toEqual([['pong', '02']])
    })

    test('keep their bytes, though those were only lent', () => {
      const ends = endpoint(role)
      ends.sheet.congested = true
      const bytes = fromPeer(role, '89 03 01 02 03')
      ends.it.receive(bytes, 0, bytes.length)
      bytes.fill(0xee)
      ends.it.drained()
      expect(wrote(ends)).toEqual([['pong', '01 02 03']])
    })

    test('that wait go after our close frame too', () => {
      const ends = endpoint(role)
      ends.sheet.congested = true
      ends.read(pings('01'))
      ends.it.close(1000)
      ends.it.drained()
      expect(wrote(ends)).toEqual([
        ['close', '03 e8'],
        ['pong', '01'],
      ])
    })

    test.each([
      ['the peer has closed', (ends: Ends) => void ends.read(fromPeer(role, '88 00'))],
      ['the connection has failed', (ends: Ends) => void ends.read(fromPeer(role, '83 00'))],
      [
        'the connection has failed while closing',
        (ends: Ends) => {
          ends.it.close(1000)
          ends.read(fromPeer(role, '83 00'))
        },
      ],
    ])('that wait are dropped when %s', (_, act) => {
      const ends = endpoint(role)
      ends.sheet.congested = true
      ends.read(pings('01'))
      act(ends)
      ends.it.drained()
      expect(wrote(ends).map(([what]) => what)).toEqual(['close'])
    })
  })

  test(`a ${role} sends fragments, with a ping between them`, () => {
    const { it, sheet } = endpoint(role)
    it.sendBinary(hex('01'), Opcode.binary, false)
    it.ping(hex('09'))
    it.sendBinary(hex('02'), Opcode.continuation, false)
    it.sendBinary(hex('03'), Opcode.continuation)
    expect(readAll(otherEnd(role), sheet.take())).toEqual([
      ['ping', '09'],
      ['binary', '01 02 03'],
    ])
  })

  test(`a ${role} knows its role`, () => expect(endpoint(role).it.role).toBe(role))
}
