/** A client of hotline.1 that wants too much. docs/protocol.md */
import { expect, test } from 'vitest'
import { RawClient } from '../support/raw.ts'
import { leave, pour } from './lines.ts'
import { KIB, MIB, target } from './target.ts'

const it = target()

const MILLION = 1_000_000
const BATCH = 10_000

/** A text frame whose masking key is 0. RFC 6455 §5.3 */
function frame(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

const subscription = (id: number): Buffer => frame(`{"type":"subscribe","id":${id},"topic":"free/${id}"}`)

/** A line of hotline.1 that counts the answers of each kind as they come, and keeps none. */
async function counting() {
  const client = await RawClient.open(it.port, { path: '/topics', headers: { 'Sec-WebSocket-Protocol': 'hotline.1' } })
  const counts = { subscribed: 0, limit: 0, pong: 0 }
  const words = Object.keys(counts) as (keyof typeof counts)[]
  let rest = ''
  client.socket.removeAllListeners('data')
  client.socket.on('data', chunk => {
    const text = rest + chunk.toString('latin1')
    // What is cut off is looked at with the rest of its message.
    const end = text.lastIndexOf('}') + 1
    for (const word of words) counts[word] += text.slice(0, end).split(`"${word}"`).length - 1
    rest = text.slice(end)
    client.log.changed()
  })
  return { client, counts }
}

test('a million subscriptions on one line are the thousand that are allowed, and an answer for each of the others', async () => {
  await it.survives(
    async before => {
      const { client, counts } = await counting()
      for (let first = 1; first <= MILLION; first += BATCH) {
        await pour(client, Buffer.concat(Array.from({ length: BATCH }, (_, at) => subscription(first + at))), 1)
      }
      await pour(client, frame('{"type":"ping"}'), 1)
      await client.log.until('the pong behind them', () => counts.pong > 0, 60_000)
      expect(counts).toEqual({ subscribed: 1000, limit: MILLION - 1000, pong: 1 })
      // A thousand topics of one reader, whatever was asked for.
      expect((await it.look()).held - before.held).toBeLessThan(1000 * 2 * KIB + MIB)
      client.send('88 02 03 e8')
      await leave(client)
      client[Symbol.dispose]()
      // Garbage of a million answers, of which newer versions of Node let more lie.
    },
    { peak: 96 * MIB },
  )
}, 120_000)
