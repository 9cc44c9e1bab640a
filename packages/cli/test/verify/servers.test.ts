/** The suite bites: for each server that is broken in one way, the cases that must fail, and a sound one passes them. */
import { describe, expect, test } from 'vitest'
import { cases, families } from '../../src/verify/cases.ts'
import { dial } from '../../src/verify/engine/dial.ts'
import { casesFor, type Result } from '../../src/verify/engine/result.ts'
import { EchoServer, type ServerFault } from './server.ts'

const BITTEN: readonly (readonly [ServerFault, ...string[]])[] = [
  ['takes frames that are wrongly masked', '1.8.1', '1.8.4', '1.8.9'],
  ['masks its own frames wrongly', '1.1.2', '2.1.2', '7.1.1'],
  ['takes text that is not UTF-8', '6.4.1', '6.5.7', '6.8.4', '6.9.9'],
  ['checks the UTF-8 of each fragment', '6.2.1', '2.6.5'],
  ['takes reserved bits', '3.1.1', '3.3.2', '3.7.4', '3.8.7'],
  ['takes reserved opcodes', '4.1.1', '4.2.2', '4.1.4'],
  ['takes control frames of any length', '2.2.1', '2.2.3'],
  ['takes control frames in fragments', '2.3.1', '2.3.2'],
  ['takes a message within a message', '5.3.6', '5.3.9'],
  ['takes a continuation of nothing', '5.3.1', '5.3.2'],
  ['takes any close code', '7.5.1', '7.5.5', '7.5.7', '7.6.6'],
  ['takes a Close frame of one byte', '7.1.5', '7.1.6'],
  ['takes reasons that are not UTF-8', '6.10.5', '6.10.6'],
  ['takes lengths with the highest bit', '1.7.1', '1.7.3'],
  ['answers an empty Close frame with 1005', '7.1.2'],
  ['answers a Close frame with 1006', '7.1.1'],
  ['never answers a Close frame', '7.1.1', '1.1.1'],
  ['answers what comes behind a Close frame', '7.9.1'],
  ['keeps the connection after the closing handshake', '7.1.1', '7.12.1'],
  ['sends Pongs in fragments', '2.1.2'],
  ['answers Pings with another payload', '2.1.2', '2.5.1'],
  ['answers no Pings', '2.1.1'],
  ['answers Pongs', '2.4.1', '2.4.6'],
  ['cuts messages at 125 bytes', '1.1.6', '1.2.9', '8.1.1', '8.3.1'],
  ['sends lengths in too many bytes', '1.1.2'],
  ['echoes bytes as text', '1.2.2'],
  ['sends reserved bits', '1.1.2'],
  ['reads one frame of each chunk', '1.5.1', '1.5.3'],
  ['needs whole frames', '1.4.2', '1.4.6'],
  ['echoes nothing', '1.1.1'],
  ['drops the line at a Ping', '2.1.1'],
  ['drops what comes with the handshake', '10.4.1', '10.4.6'],
  ['forgets the end of a message in fragments', '5.1.1', '5.1.3'],
  ['ends the line without a Close frame in mid-frame', '4.1.1'],
  ['takes any method', '10.6.1', '10.6.6'],
  ['takes any version of HTTP', '10.6.7'],
  ['takes a request without Upgrade', '10.7.3', '10.7.9'],
  ['takes any key', '10.8.1', '10.8.2'],
  ['takes any version of the protocol', '10.9.1', '10.9.12'],
  ['knows names only as they are usually written', '10.1.1', '10.1.2'],
  ['knows only one token in Connection', '10.2.6', '10.2.14'],
  ['answers with the Accept of another key', '10.1.5'],
  ['answers each key with the Accept of one that it knows', '10.19.1', '10.19.3'],
  ['answers without Connection', '10.1.5'],
  ['agrees to a subprotocol that was not asked for', '10.1.5'],
  ['agrees to the first extension, whatever it is', '12.5.1', '12.5.2'],
  ['answers with a Content-Length', '10.1.5'],
  ['needs the request in one chunk', '10.3.1'],
  ['keeps its window though it agreed not to', '12.2.1', '12.2.2'],
  ['forgets the window of the other end', '12.1.1', '13.8.1', '13.13.3'],
  ['uses a larger window than agreed', '13.14.2', '13.14.4', '13.14.6'],
  ['leaves the tail of a message', '12.1.1', '13.1.4'],
  ['sets RSV1 on each fragment', '12.1.1', '13.1.4'],
  ['sets RSV1 on Pongs', '2.1.2', '13.7.7'],
  ['compresses though nothing was agreed', '1.1.2', '12.5.1'],
  ['inflates each fragment on its own', '13.4.1', '13.4.3', '13.13.2'],
  ['drops the last byte of what it inflates', '13.1.3', '13.13.1'],
  ['loses empty messages', '1.1.1', '13.1.1', '13.7.4', '13.16.4'],
  ['takes RSV1 on a continuation', '13.10.1', '13.10.2', '13.19.3'],
  ['takes RSV1 on control frames', '13.10.3', '13.10.5', '13.19.4'],
  ['takes broken streams', '13.9.1', '13.9.4', '13.18.3', '13.20.1'],
  ['checks no UTF-8 behind compression', '13.11.5', '13.11.7'],
  ['puts plain messages into the window', '13.7.2'],
  ['marks what it does not compress', '12.1.1', '13.1.3'],
  ['says nothing at a bomb', '13.12.1'],
  ['agrees to a window of seven bits', '12.1.1'],
  ['agrees to a window of the client that was not offered', '12.1.1'],
  ['agrees without server_no_context_takeover', '12.2.1'],
  ['agrees to an offer that is wrong', '12.5.1', '12.5.2', '12.5.17'],
  ['agrees twice', '12.1.1'],
  ['takes lists without grammar', '12.10.1', '12.10.6'],
  ['reads a body as frames', '10.17.2'],
  ['takes any Host', '10.7.1', '10.18.1', '10.18.4'],
  ['knows no tabs', '10.12.4', '10.12.7', '10.12.16'],
]

/** Long enough for a slow machine that answers, short enough for the silence of one that does not. */
const DEADLINE = 400

async function run(ids: readonly string[], fault?: ServerFault, deadline = DEADLINE): Promise<Result[]> {
  await using server = new EchoServer(fault)
  const url = await server.listen()
  const chosen = cases.filter(({ id }) => ids.includes(id))
  expect(chosen.map(({ id }) => id).sort()).toEqual([...ids].sort())
  // Some ask for more time, which a peer that is silent would take.
  return await Promise.all(chosen.map(({ deadline: _, ...of }) => dial(of, { url, deadline })))
}

const verdicts = (results: readonly Result[]): Record<string, string> =>
  Object.fromEntries(results.map(({ id, verdict, notes }) => [id, [verdict, ...notes].join(': ')]))

describe('a server fails the cases of its fault', () => {
  test.each(BITTEN.map(([fault, ...ids]) => ({ fault, ids })))('one that $fault', async ({ fault, ids }) => {
    const results = await run(ids, fault)
    for (const { id, verdict, notes } of results)
      expect([id, verdict, notes.length > 0]).toEqual([id, 'strict-fail', true])
  })
})

test('a server that keeps to the standard passes each of these cases', async () => {
  const ids = [...new Set(BITTEN.flatMap(([, ...ids]) => ids))]
  for (const [id, verdict] of Object.entries(verdicts(await run(ids, undefined, 5000))))
    expect([id, verdict]).toEqual([id, 'pass'])
})

test('a server without a limit is told so, and has not failed', async () => {
  const [bomb] = await run(['13.12.1'], 'has no limit while inflating', 30_000)
  expect([bomb?.verdict, bomb?.notes[0]]).toEqual(['informational', 'it has no limit below this size'])
  for (const { id, verdict } of await run(['1.7.4', '1.7.6'], 'ignores the limit'))
    expect([id, verdict]).toEqual([id, 'lenient'])
})

test('what the standard leaves open is told, and is no failure', async () => {
  for (const { id, verdict } of await run(['7.5.8', '7.5.12', '7.14.3'], 'takes any close code'))
    expect([id, verdict]).toEqual([id, 'lenient'])
  for (const { id, verdict } of await run(['10.8.3', '10.8.7', '10.18.28'], 'takes any key'))
    expect([id, verdict]).toEqual([id, 'lenient'])
  for (const { id, verdict } of await run(['2.2.5', '7.8.3'], 'needs whole frames'))
    expect([id, verdict]).toEqual([id, expect.stringMatching(/^(pass|lenient)$/)])
})

test('each family that a server can be tested with has a fault that it catches, the timed one aside', () => {
  const bitten = new Set(BITTEN.flatMap(([, ...ids]) => ids.map(id => Number(id.split('.')[0]))))
  const needed = families
    .filter(({ cases }) => casesFor('server', cases).some(of => !of.timed))
    .map(({ number }) => number)
  expect(needed.filter(number => !bitten.has(number))).toEqual([])
})

describe('how a line ended is told apart', () => {
  test.each([
    ['echoes nothing', '7.1.1', 'clean'],
    ['never answers a Close frame', '7.1.1', 'silence'],
    ['keeps the connection after the closing handshake', '7.1.1', 'not ended'],
    ['drops the line at a Ping', '2.1.1', 'unclean'],
    ['takes any method', '10.7.3', 'refused'],
  ] as const)('a server that %s, in case %s: %s', async (fault, id, ending) => {
    const [result] = await run([id], fault)
    expect(result?.ending).toBe(ending)
  })
})
