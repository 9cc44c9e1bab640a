import { describe, expect, test } from 'vitest'
import { ClosedError, WebSocketError } from '../../src/errors.ts'
import { socketPair } from '../../src/testing/index.ts'
import { line, settle, watch } from './support.ts'

describe('readable', () => {
  test('gives each message as a chunk, and ends when the line closed cleanly', async () => {
    const { socket, peer } = line()
    peer.text('a')
    peer.send('82 01 02')
    peer.close(1000)
    peer.wire.end()
    const chunks: unknown[] = []
    for await (const chunk of socket.readable) chunks.push(chunk)
    expect(chunks).toEqual(['a', new Uint8Array([2])])
  })

  test('fails when the line was lost, so that half of something does not pass for the whole', async () => {
    const { socket, peer } = line()
    peer.text('a')
    await settle()
    peer.wire.cut()
    const reader = socket.readable.getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'a' })
    await expect(reader.read()).rejects.toThrow(WebSocketError)
  })

  test('pulls: a reader that does not read slows the peer down', async () => {
    const { socket, session, peer } = line({ highMark: 500, capacity: 500 })
    const reader = socket.readable.getReader()
    for (let sent = 0; sent < 100; sent++) peer.text('x'.repeat(100))
    await settle()
    expect(session.connection.paused).toBe(true)
    expect(peer.wire.queued).toBeGreaterThan(5000)
    for (let read = 0; read < 100; read++) expect((await reader.read()).value).toHaveLength(100)
    expect(peer.wire.queued).toBe(0)
  })

  test('that is cancelled closes the line with 1000', async () => {
    const { socket, peer } = line()
    const cancelled = watch(socket.readable.cancel())
    await settle()
    expect(peer.told).toEqual([['close', '03 e8']])
    expect(cancelled.state).toBe('pending')
    peer.close(1000)
    peer.wire.end()
    await settle()
    expect(cancelled.state).toBe('fulfilled')
  })

  test('is one and the same, as the writable is', () => {
    const { socket } = line()
    expect(socket.readable).toBe(socket.readable)
    expect(socket.writable).toBe(socket.writable)
  })
})

describe('writable', () => {
  test('sends each chunk as a message, and closes with 1000', async () => {
    const { socket, peer } = line()
    const writer = socket.writable.getWriter()
    await writer.write('a')
    await writer.write(new Uint8Array([2]))
    const closed = watch(writer.close())
    await settle()
    expect(peer.told).toEqual([
      ['text', 'a'],
      ['binary', '02'],
      ['close', '03 e8'],
    ])
    expect(closed.state).toBe('pending')
    peer.close(1000)
    peer.wire.end()
    await settle()
    expect(closed.state).toBe('fulfilled')
  })

  test('is not ready while the peer does not read', async () => {
    const { socket, peer } = line({ highMark: 500, capacity: 1 })
    peer.wire.pause()
    const writer = socket.writable.getWriter()
    await writer.write('x')
    await settle()
    const written = watch(writer.write('x'.repeat(1000)))
    const ready = watch(writer.ready)
    await settle()
    expect([written.state, ready.state]).toEqual(['pending', 'pending'])
    peer.wire.resume()
    await settle()
    expect([written.state, ready.state]).toEqual(['fulfilled', 'fulfilled'])
  })

  test('that is aborted closes with 1011', async () => {
    const { socket, peer } = line()
    watch(socket.writable.abort())
    await settle()
    expect(peer.told[0]?.[1]).toMatch(/^03 f3 /)
  })

  test('rejects with a ClosedError when the line is closed', async () => {
    const { socket, peer } = line()
    const writer = socket.writable.getWriter()
    peer.wire.cut()
    await settle()
    await expect(writer.write('late')).rejects.toThrow(ClosedError)
    await expect(writer.closed).rejects.toThrow(ClosedError)
  })
})

test('a megabyte piped from one end to the other arrives whole, with bounded queues', async () => {
  const { client, server } = socketPair({ client: { highMark: 20_000 }, server: { highMark: 20_000 } })
  const total = 1_000_000
  let made = 0
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = Math.min(7001, total - made)
      if (size === 0) controller.close()
      else controller.enqueue(new Uint8Array(size).map((_, at) => (made + at) & 255))
      made += size
    },
  })
  let read = 0
  let most = 0
  const [, closed] = await Promise.all([
    source.pipeTo(client.writable),
    (async () => {
      for await (const chunk of server.readable) {
        for (const byte of chunk as Uint8Array) if (byte !== (read++ & 255)) throw new Error(`wrong byte at ${read}`)
        most = Math.max(most, client.bufferedAmount)
      }
      return server.closed
    })(),
  ])
  expect(read).toBe(total)
  expect(most).toBeLessThan(30_000)
  expect(closed).toMatchObject({ code: 1000, clean: true })
})
