/** Compressed messages that are bombs, or no DEFLATE, and lines that agreed on compression and say nothing. RFC 7692 §8 */
import { createDeflateRaw, deflateRawSync, constants as zlib } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { frame, fromPeer, join, masked } from '../protocol/support.ts'
import { RawClient } from '../support/raw.ts'
import { leave } from './lines.ts'
import { KIB, MIB, target, times } from './target.ts'

const it = target()

const OFFER = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'

const open = (path = '/'): Promise<RawClient> =>
  RawClient.open(it.port, { path, headers: { 'Sec-WebSocket-Extensions': OFFER } })

/** So many mebibytes of zeros. Each one behind the first is the same bytes, since zlib is made to begin anew. */
async function bombOf(mebibytes: number): Promise<Uint8Array> {
  const stream = createDeflateRaw({ level: 9 })
  const pieces: Buffer[] = []
  stream.on('data', piece => pieces.push(piece))
  stream.write(Buffer.alloc(MIB))
  await new Promise<void>(resolve => stream.flush(zlib.Z_FULL_FLUSH, resolve))
  stream.close()
  const one = Buffer.concat(pieces)
  return Buffer.concat(Array.from({ length: mebibytes }, () => one)).subarray(0, -4)
}

const payloadOf = (data: string | Uint8Array): Uint8Array =>
  deflateRawSync(data, { finishFlush: zlib.Z_SYNC_FLUSH }).subarray(0, -4)

const message = (payload: Uint8Array): Uint8Array => masked(frame(0xc2, payload))

/** A client that compresses is served: what its neighbours did to zlib did nothing to it. */
async function servesCompressed(): Promise<void> {
  const socket = await openSocket(`ws://127.0.0.1:${it.port}/polite`)
  const text = JSON.stringify(Array.from({ length: 400 }, (_, id) => ({ id, of: 'the next client' })))
  for (const size of [2 * KIB, text.length]) {
    await socket.send(text.slice(0, size))
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe(text.slice(0, size))
  }
  await socket.close()
}

describe('a bomb', () => {
  const bombs: [name: string, mebibytes: number, lines: number][] = [
    ['of 14 MiB in 14 KiB, which is inflated at once', 14, 40],
    ['of 900 MiB in 900 KiB, which a thread inflates', 900, 10],
  ]
  for (const [name, mebibytes, lines] of bombs) {
    test(`${name}: 1009, and no more memory than the limit`, async () => {
      const bytes = message(await bombOf(mebibytes))
      const { ends } = await it.survives(async () => {
        await times(lines, async () => {
          using client = await open()
          client.write(bytes)
          expect((await client.close())[0]).toBe(1009)
          await leave(client)
        })
        await it.ended(lines)
        await servesCompressed()
      })
      expect(ends).toHaveLength(lines)
      for (const end of ends) expect(end).toMatchObject({ error: { name: 'LimitError', option: 'maxMessage' } })
    })
  }

  test('in fragments, with pings between them: the same', async () => {
    const payload = await bombOf(14)
    const frames = Array.from({ length: 10 }, (_, i) => {
      const part = payload.subarray(Math.floor((payload.length * i) / 10), Math.floor((payload.length * (i + 1)) / 10))
      return join([masked(frame((i === 0 ? 0x42 : 0) | (i === 9 ? 0x80 : 0), part)), fromPeer('server', '89 01 41')])
    })
    await it.survives(async () => {
      using client = await open()
      client.write(join(frames))
      expect((await client.close())[0]).toBe(1009)
      await leave(client)
      await it.ended(1)
    })
  })
})

describe('what is not DEFLATE', () => {
  test('is refused with 1007 on each of 200 lines, and those beside them are served', async () => {
    const good = payloadOf(JSON.stringify(Array.from({ length: 50 }, (_, id) => ({ id }))))
    const bad = [Uint8Array.of(7, 255, 255, 255), good.subarray(0, 60), join([good, good.subarray(0, 40), good])]
    const { ends } = await it.survives(async () => {
      await times(200, async index => {
        using client = await open()
        client.write(message(bad[index % bad.length] as Uint8Array))
        expect((await client.close())[0]).toBe(1007)
        await leave(client)
        if (index % 20 === 0) await servesCompressed()
      })
      await it.ended(200)
      await servesCompressed()
    })
    for (const end of ends) expect(end).toMatchObject({ error: { name: 'ProtocolError' } })
  })
})

describe('lines that agreed on compression', () => {
  /** Bytes that are alive in the server for each of so many lines. */
  async function heldBy(count: number, request: Parameters<typeof RawClient.open>[1]): Promise<number> {
    const before = await it.look()
    const lines = await times(count, () => RawClient.open(it.port, request))
    const after = await it.look()
    for (const line of lines) line.socket.destroy()
    await it.gone(before.connections)
    return (after.held - before.held) / count
  }

  test('and say nothing cost at most a tenth more than those that did not', async () => {
    await heldBy(200, {})
    const plain = await heldBy(1000, {})
    const agreed = await heldBy(1000, { headers: { 'Sec-WebSocket-Extensions': OFFER } })
    expect(plain).toBeGreaterThan(2000)
    expect(agreed / plain).toBeLessThan(1.1)
  })
})
