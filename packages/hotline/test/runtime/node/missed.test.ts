// Upgrade requests that Node takes for ordinary ones, because of a tab behind a token. RFC 9110 §5.6.3
import { expect, test } from 'vitest'
import type { ServerSocket } from '../../../src/server/index.ts'
import { fromPeer } from '../../protocol/support.ts'
import { listening } from '../../server/support.ts'
import { certificate } from '../../support/certificate.ts'
import { RawClient, requestText } from '../../support/raw.ts'

const echo = { message: (socket: ServerSocket, message: string | Uint8Array) => socket.send(message) }
const tabbed = requestText({ path: '/echo', headers: { Connection: 'keep-alive,\tUpgrade\t' } })
const A = '81 01 41'

test.each([
  ['in one chunk', Number.POSITIVE_INFINITY],
  ['byte by byte', 1],
])('frames right behind such a request are neither lost nor read as HTTP, %s', async (_how, size) => {
  await using own = await listening({ routes: { '/echo': echo } })
  using client = await RawClient.connect(own.port)
  const all = Buffer.concat([Buffer.from(tabbed), fromPeer('server', `${A} | ${A}`)])
  for (let at = 0; at < all.length; at += size) {
    client.write(all.subarray(at, at + size))
    await new Promise(setImmediate)
  }
  expect((await client.answer()).status).toBe(101)
  await client.frames(2)
  client.send(A)
  await client.frames(3)
  expect(client.told).toEqual(Array(3).fill(['text', 'A']))
})

test('over TLS too', async () => {
  const { cert, key } = await certificate()
  await using own = await listening({ tls: { cert, key }, routes: { '/echo': echo } })
  using client = await RawClient.connect(own.port, { ca: cert })
  client.write(tabbed, A)
  expect((await client.answer()).status).toBe(101)
  await client.frames(1)
})

test('such a line is drained as any other: it is closed with 1001, not cut', async () => {
  await using own = await listening({ routes: { '/echo': echo } })
  using client = await RawClient.connect(own.port)
  client.write(tabbed)
  expect((await client.answer()).status).toBe(101)
  const closing = own.server.close({ within: 5000 })
  await client.frames(1)
  expect(client.told[0]).toEqual(['close', expect.stringMatching(/^03 e9 /)])
  client.socket.destroy()
  await closing
})
