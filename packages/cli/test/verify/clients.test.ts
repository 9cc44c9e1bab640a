/** The suite bites: for each client that is broken in one way, the cases that must fail, and a sound one passes them. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { cases, families } from '../../src/verify/cases.ts'
import { casesFor, type Result } from '../../src/verify/engine/result.ts'
import { Listener } from '../../src/verify/listen.ts'
import { type ClientFault, visit } from './client.ts'

const BITTEN: readonly (readonly [ClientFault, ...string[]])[] = [
  ['takes frames that are wrongly masked', '1.9.1', '1.9.4', '1.9.9'],
  ['masks its own frames wrongly', '1.1.2', '7.1.1'],
  ['masks each frame with the same key', '1.5.1', '1.5.3'],
  ['takes text that is not UTF-8', '6.4.1', '6.9.9'],
  ['takes reserved bits', '3.1.1', '3.7.4'],
  ['takes reserved opcodes', '4.1.1', '4.2.2'],
  ['takes control frames of any length', '2.2.1'],
  ['takes control frames in fragments', '2.3.1'],
  ['takes a message within a message', '5.3.6'],
  ['takes a continuation of nothing', '5.3.1'],
  ['takes any close code', '7.5.5'],
  ['takes reasons that are not UTF-8', '6.10.5'],
  ['answers an empty Close frame with 1005', '7.1.2'],
  ['never answers a Close frame', '7.1.1'],
  ['answers no Pings', '2.1.1'],
  ['answers Pings with another payload', '2.1.2'],
  ['cuts messages at 125 bytes', '1.1.6', '8.1.1'],
  ['sends reserved bits', '1.1.2'],
  ['reads one frame of each chunk', '1.5.1'],
  ['needs whole frames', '1.4.2'],
  ['echoes nothing', '1.1.1'],
  ['drops what comes with the handshake', '11.2.1', '11.2.4'],
  ['sends a key of 8 bytes', '7.1.1'],
  ['sends version 8', '7.1.1'],
  ['sends no Host', '7.1.1'],
  ['takes any status', '11.3.1', '11.3.10'],
  ['takes any Accept', '11.4.7', '11.4.9'],
  ['takes an answer without Upgrade', '11.4.1', '11.4.3'],
  ['takes an answer without Connection', '11.4.4', '11.4.6'],
  ['takes a subprotocol that it did not ask for', '11.5.1', '11.5.3'],
  ['takes an extension that it did not offer', '11.5.4', '11.5.6'],
  ['knows names only as they are usually written', '11.1.1', '11.1.2'],
  ['needs the answer in one chunk', '11.1.15'],
  ['keeps a connection that was refused', '11.3.1'],
  ['takes an Accept in any case', '11.12.1'],
  ['takes a list in Upgrade', '11.12.5'],
  ['does not read past 100', '11.9.1', '11.9.3'],
  ['knows no tabs', '11.8.1', '11.8.7'],
  ['offers a window of seven bits', '7.1.1'],
  ['offers a parameter that there is not', '7.1.1'],
  ['offers a subprotocol twice', '7.1.1'],
  ['keeps its window though it agreed not to', '13.8.2', '13.17.2'],
  ['forgets the window of the other end', '13.8.1', '13.13.3'],
  ['uses a larger window than agreed', '13.15.2', '13.15.4', '13.15.6'],
  ['leaves the tail of a message', '12.7.1', '13.1.4'],
  ['sets RSV1 on each fragment', '12.7.1', '13.1.4'],
  ['sets RSV1 on Pongs', '2.1.2', '13.7.7'],
  ['compresses though nothing was agreed', '1.1.2'],
  ['inflates each fragment on its own', '13.4.1', '13.13.2'],
  ['drops the last byte of what it inflates', '13.1.3', '13.13.1'],
  ['loses empty messages', '1.1.1', '13.1.1', '13.16.4'],
  ['takes RSV1 on a continuation', '13.10.1', '13.10.2'],
  ['takes RSV1 on control frames', '13.10.3', '13.19.4'],
  ['takes broken streams', '13.9.1', '13.18.3', '13.20.1'],
  ['checks no UTF-8 behind compression', '13.11.5', '13.11.7'],
  ['puts plain messages into the window', '13.7.2'],
  ['marks what it does not compress', '12.7.1', '13.1.3'],
  ['says nothing at a bomb', '13.12.1'],
]

/** Runs each case as Autobahn's clients do: by its place in the list. */
async function run(ids: readonly string[], fault?: ClientFault, deadline = 400): Promise<Result[]> {
  // Some ask for more time, which a peer that is silent would take.
  const chosen = casesFor('client', cases)
    .filter(({ id }) => ids.includes(id))
    .map(({ deadline: _, ...of }) => of)
  expect(chosen.map(({ id }) => id).sort()).toEqual([...ids].sort())
  const reports: Result[][] = []
  await using listener = new Listener(chosen, {
    host: '127.0.0.1',
    port: 0,
    deadline,
    each: () => {},
    report: (agent, results) => {
      expect(agent).toBe('peer')
      reports.push([...results])
    },
  })
  const base = await listener.listen()
  await Promise.all(chosen.map((_, index) => visit(new URL(`${base}/runCase?case=${index + 1}&agent=peer`), fault)))
  await visit(new URL(`${base}/updateReports?agent=peer`))
  await expect.poll(() => reports.length).toBe(1)
  return reports.flat()
}

describe('a client fails the cases of its fault', () => {
  test.each(BITTEN.map(([fault, ...ids]) => ({ fault, ids })))('one that $fault', async ({ fault, ids }) => {
    const results = await run(ids, fault)
    expect(results.length).toBe(ids.length)
    for (const { id, verdict, notes } of results)
      expect([id, verdict, notes.length > 0]).toEqual([id, 'strict-fail', true])
  })
})

test('a client that keeps to the standard passes each of these cases', async () => {
  const ids = [...new Set(BITTEN.flatMap(([, ...ids]) => ids))]
  for (const { id, verdict, notes } of await run(ids, undefined, 5000))
    expect([id, verdict, notes]).toEqual([id, 'pass', []])
})

test('a client that passes over lines that are no fields is told so, and has broken no MUST', async () => {
  for (const { id, verdict } of await run(['11.6.2', '11.15.1'], 'takes lines that are no fields'))
    expect([id, verdict]).toEqual([id, 'lenient'])
})

test('a client that opens on a 101 of HTTP/1.0 is told so, and has broken no MUST', async () => {
  for (const { id, verdict } of await run(['11.7.1', '11.7.3'], 'takes any version of HTTP'))
    expect([id, verdict]).toEqual([id, 'lenient'])
})

test('each family that a client can be tested with has a fault that it catches, the timed one aside', () => {
  const bitten = new Set(BITTEN.flatMap(([, ...ids]) => ids.map(id => Number(id.split('.')[0]))))
  const needed = families
    .filter(({ cases }) => casesFor('client', cases).some(of => !of.timed))
    .map(({ number }) => number)
  expect(needed.filter(number => !bitten.has(number))).toEqual([])
})

test('a case that there is not, and a path that nobody knows, are answered with a line that closes', async () => {
  await using listener = new Listener(casesFor('client', cases), {
    host: '127.0.0.1',
    port: 0,
    deadline: 1000,
    each: ({ length }) => expect(length).toBe(-1),
    report: () => {},
  })
  const base = await listener.listen()
  await visit(new URL(`${base}/runCase?case=999999&agent=peer`))
  await visit(new URL(`${base}/nowhere`))
})

test('a target that is no address ends nobody else', async () => {
  await using listener = new Listener(casesFor('client', cases), {
    host: '127.0.0.1',
    port: 0,
    deadline: 1000,
    each: () => {},
    report: () => {},
  })
  const { port } = new URL(await listener.listen())
  for (const target of ['////', 'http://[', 'http://a:b:c/', '*']) {
    const socket = connect(Number(port), '127.0.0.1').resume()
    socket.end(`GET ${target} HTTP/1.1\r\nHost: suite\r\nUpgrade: websocket\r\n\r\n`)
    await once(socket, 'close')
  }
})

test('a client whose key is the same each time is told so at its second case', async () => {
  const notes = (await run(['1.1.1', '1.1.2', '1.1.3'], 'sends the same key each time')).flatMap(({ notes }) => notes)
  expect(notes).toEqual(Array(2).fill('§4.1: the key is that of a connection before'))
})
