/** Who is measured: the servers, and the clients of the workload that is about those. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** @typedef {import('./types.ts').Contender} Contender */

const here = import.meta.dirname
const bin = (/** @type {string} */ name) => join(here, 'node_modules/.bin', name)

/** Bun's binary: where its own package has it, or where that package's install script, which npm may block, put it. */
const bunOfPlatform = join(here, `node_modules/@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : 'x64'}/bin/bun`)
export const bun = existsSync(bunOfPlatform) ? bunOfPlatform : bin('bun')

const script = (/** @type {string} */ name) => join(here, 'servers', `${name}.mjs`)
const node = (/** @type {string} */ name) => [process.execPath, script(name)]

/** @type {readonly Contender['lacks'][number][]} */
const NONE = []
const websocket = { protocol: /** @type {const} */ ('websocket'), lacks: NONE }

/** @type {readonly Contender[]} */
export const servers = [
  { ...websocket, name: 'hotline', title: 'hotline', command: node('hotline'), package: 'hotline' },
  {
    ...websocket,
    name: 'hotline-public',
    title: 'hotline, public lane',
    command: node('hotline'),
    env: { HOTLINE_LANE: 'public' },
    package: 'hotline',
  },
  {
    ...websocket,
    name: 'ws',
    title: 'ws',
    command: node('ws'),
    env: { WS_NO_BUFFER_UTIL: '1' },
    package: 'ws',
  },
  { ...websocket, name: 'ws-bufferutil', title: 'ws with bufferutil', command: node('ws'), package: 'bufferutil' },
  {
    ...websocket,
    name: 'uws',
    title: 'uWebSockets.js',
    command: node('uws'),
    package: '@trufflesuite/uws-js-unofficial',
  },
  { ...websocket, name: 'bun', title: 'Bun', command: [bun, script('bun')], package: 'bun' },
  {
    ...websocket,
    name: 'deno',
    title: 'Deno',
    command: [bin('deno'), 'run', '--no-config', '-A', script('deno')],
    lacks: ['deflate'],
    package: 'deno',
  },
  { ...websocket, name: 'faye', title: 'faye-websocket', command: node('faye'), package: 'faye-websocket' },
  {
    ...websocket,
    name: 'websocket',
    title: 'websocket',
    command: node('websocket'),
    lacks: ['deflate'],
    package: 'websocket',
  },
  {
    ...websocket,
    name: 'socket.io',
    title: 'Socket.IO',
    command: node('socketio'),
    protocol: 'socket.io',
    package: 'socket.io',
  },
  {
    name: 'net',
    title: 'node:net, no frames',
    command: node('net'),
    protocol: 'raw',
    lacks: ['deflate', 'broadcast', 'accept'],
    package: '',
  },
]

const client = { command: [process.execPath, join(here, 'clients.mjs')], ...websocket }

/** @type {readonly Contender[]} */
export const clients = [
  { ...client, name: 'hotline', title: 'hotline', package: 'hotline' },
  {
    ...client,
    name: 'hotline-public',
    title: 'hotline, public lane',
    env: { HOTLINE_LANE: 'public' },
    package: 'hotline',
  },
  { ...client, name: 'ws', title: 'ws', env: { WS_NO_BUFFER_UTIL: '1' }, package: 'ws' },
  { ...client, name: 'ws-bufferutil', title: 'ws with bufferutil', package: 'bufferutil' },
  { ...client, name: 'undici', title: 'undici', package: 'undici' },
  ...('WebSocket' in globalThis ? [{ ...client, name: 'global', title: "Node's own WebSocket", package: '' }] : []),
]

/**
 * Another checkout of hotline, as a server and as a client.
 * @param {string} name
 * @param {string} checkout
 */
export const fromCheckout = (name, checkout) => {
  const own = { name, title: name, checkout, ...websocket, package: '' }
  return { server: { ...own, command: node('hotline') }, client: { ...own, command: client.command } }
}

const require = createRequire(import.meta.url)

/**
 * The version of a package, and undefined when it is not installed.
 * @param {string} name
 * @returns {string | undefined}
 */
export function versionOf(name) {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return require(join(folder, name, 'package.json')).version
    } catch {}
  }
  return undefined
}

export const isInstalled = (/** @type {Contender} */ { package: name }) => name === '' || versionOf(name) !== undefined
