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

const plain = requestText({ path: '/echo' })
const withBody = (connection: string): string =>
  `${requestText({ path: '/echo', headers: { Connection: connection, 'Content-Length': '5' } })}hello`

/** Since version 22 Node's parser sees an upgrade behind a tab: it is opened, and what follows is no frame. */
const seen = Number.parseInt(process.versions.node, 10) >= 22
const behindTab = seen ? ([1, [101]] as const) : ([0, []] as const)

test.each([
  ['two with a tab', tabbed + tabbed, ...behindTab],
  ['three with a tab', tabbed + tabbed + tabbed, ...behindTab],
  ['one with a tab, and one without', tabbed + plain, ...behindTab],
  ['one with a tab, and one for a page', `${tabbed}GET / HTTP/1.1\r\nHost: a\r\n\r\n`, ...behindTab],
  ['two without', plain + plain, 1, [101]],
  ['one with a body, and one without', withBody('Upgrade') + plain, 0, [400]],
  ['one with a body and a tab, and one without', withBody('keep-alive,\tUpgrade\t') + plain, 0, [400]],
  ['one with a body and a tab, and one with a tab', withBody('keep-alive,\tUpgrade\t') + tabbed, 0, [400]],
])('of requests in one chunk, %s, only the first can be answered and opened', async (_what, text, opens, answers) => {
  let opened = 0
  await using own = await listening({ routes: { '/echo': { ...echo, open: () => void opened++ } } })
  using client = await RawClient.connect(own.port)
  let got = ''
  client.socket.on('data', chunk => {
    got += chunk.toString('latin1')
  })
  client.write(text)
  await client.log.until('the end of it', all => all.some(([what]) => what === 'end' || what === 'closed'))
  expect([...got.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))).toEqual(answers)
  expect(opened).toBe(opens)
  using next = await RawClient.open(own.port, { path: '/echo' })
  next.send(A)
  await next.frames(1)
})
