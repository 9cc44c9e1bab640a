/** The client of the notes that the project started from, character for character but for the URL, in Node. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServeOptions, serve } from 'hotline/server'
import { generate } from 'selfsigned'
import { expect, test } from 'vitest'
import { Example } from '../../test/support/example.ts'

/** Section 6 of the notes. */
const notes = `const socket = new WebSocket("wss://example.com/socket");

// When connection opens
socket.onopen = function () {
    console.log("Connected to WebSocket server");
    socket.send(JSON.stringify({ type: "hello", message: "Hello Server!" }));
};

// When receiving a message
socket.onmessage = function (event) {
    console.log("Message from server:", event.data);
};

// When an error occurs
socket.onerror = function (error) {
    console.error("WebSocket Error:", error);
};

// When the connection is closed
socket.onclose = function () {
    console.log("WebSocket connection closed");
};
`

const source = readFileSync(new URL('client.js', import.meta.url), 'utf8')
const url = 'ws://127.0.0.1:8080/echo'

/** The client with another URL. */
const clientOf = (other: string | undefined, env = {}) =>
  new Example(import.meta.url, { source: source.replace(url, `${other}/echo`), env })

const echo = (options: Partial<ServeOptions<unknown>> = {}) =>
  serve({ ...options, port: 0, routes: { '/echo': { message: (socket, message) => socket.send(message) } } })

test('its text is that of the notes', () => {
  const afterImport = source.slice(source.indexOf('const socket'))
  expect(afterImport.replace(url, 'wss://example.com/socket')).toBe(notes)
})

test('it opens, sends, receives and sees the end over ws:', async () => {
  const server = await echo()
  await using client = clientOf(server.url)
  await talks(client, server)
})

test('it opens, sends, receives and sees the end over wss:', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const folder = mkdtempSync(join(tmpdir(), 'hotline-seed-'))
  const file = join(folder, 'cert.pem')
  writeFileSync(file, cert)
  const server = await echo({ tls: { key, cert } })
  try {
    await using client = clientOf(server.url, { NODE_EXTRA_CA_CERTS: file })
    await talks(client, server)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('where nobody listens it sees an error, and the end', async () => {
  await using client = clientOf('ws://127.0.0.1:1')
  expect(await client.line()).toBe('WebSocket connection closed')
  expect(await client.end()).toBe(0)
  expect(client.errors).toContain('WebSocket Error: ')
})

async function talks(client: Example, server: Awaited<ReturnType<typeof echo>>): Promise<void> {
  expect(await client.line()).toBe('Connected to WebSocket server')
  expect(await client.line()).toBe('Message from server: {"type":"hello","message":"Hello Server!"}')
  await server.close()
  expect(await client.line()).toBe('WebSocket connection closed')
  expect(await client.end()).toBe(0)
  expect(client.errors).toBe('')
}
