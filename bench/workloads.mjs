/** What is measured, and what the project wants to reach. */

/** @typedef {import('./types.ts').Workload} Workload */

const SIZES = /** @type {const} */ ([
  [20, '20 B', 100],
  [1024, '1 KiB', 100],
  [65_536, '64 KiB', 20],
  [1_048_576, '1 MiB', 4],
])
const TYPES = /** @type {const} */ ([
  ['ascii', 'ASCII text', 'text'],
  ['multi-byte', 'multi-byte text', 'multi-byte'],
  ['binary', 'binary', 'binary'],
])

/** Of the 24 echoes these are left out unless all are asked for: they say what another one says. */
const EXTRA = /echo-(20|1k)-(binary|multi-byte)-1$|echo-(64k|1m)-(text|multi-byte)-1$|echo-1m-(text|multi-byte)-32$/

const common = { deflate: false, tls: false, main: /** @type {const} */ ('cpu'), extra: false }
const letters = { '20 B': '20', '1 KiB': '1k', '64 KiB': '64k', '1 MiB': '1m' }

/** @type {Workload[]} */
const echoes = SIZES.flatMap(([size, sizeTitle, connections]) =>
  TYPES.flatMap(([type, typeTitle, short]) =>
    [1, 32].map(inFlight => {
      const name = `echo-${letters[sizeTitle]}-${short}-${inFlight}`
      const title = `echo ${sizeTitle}, ${typeTitle}, ${inFlight} in flight, ${connections} connections`
      const message = { type, size }
      const group = `echo of ${sizeTitle}`
      return { ...common, name, title, group, kind: 'echo', connections, inFlight, message, extra: EXTRA.test(name) }
    }),
  ),
)

const ascii128 = { type: /** @type {const} */ ('ascii'), size: 128 }
const ascii20 = { type: /** @type {const} */ ('ascii'), size: 20 }
const json = { type: /** @type {const} */ ('json'), size: 1024 }

/** @type {Workload[]} */
const broadcasts = [1000, 10_000].flatMap(connections =>
  [1, 16].map(inFlight => ({
    ...common,
    name: `broadcast-${connections / 1000}k-${inFlight}`,
    title: `broadcast 128 B to ${connections.toLocaleString('en').replace(',', ' ')}, ${inFlight === 1 ? 'singly' : 'bursts of 16'}`,
    group: 'broadcast',
    kind: 'broadcast',
    connections,
    inFlight,
    message: ascii128,
  })),
)

/** @type {Workload[]} */
const others = [
  {
    ...common,
    name: 'deflate-echo',
    title: 'deflate echo of 1 KiB JSON, no takeover, 16 in flight, 50 connections',
    group: 'permessage-deflate',
    kind: 'echo',
    connections: 50,
    inFlight: 16,
    message: json,
    deflate: true,
  },
  {
    ...common,
    name: 'deflate-broadcast',
    title: 'deflate broadcast of 1 KiB JSON to 1 000, no takeover',
    group: 'permessage-deflate',
    kind: 'broadcast',
    connections: 1000,
    inFlight: 1,
    message: json,
    deflate: true,
  },
  {
    ...common,
    name: 'tls-echo',
    title: 'TLS echo 20 B, 32 in flight, 50 connections',
    group: 'TLS',
    kind: 'echo',
    connections: 50,
    inFlight: 32,
    message: ascii20,
    tls: true,
  },
  {
    ...common,
    name: 'accept',
    title: 'connections accepted, 64 at a time',
    group: 'connections',
    kind: 'accept',
    connections: 64,
    inFlight: 64,
    message: ascii20,
  },
  {
    ...common,
    name: 'clients',
    title: '100 clients sending 20 B, 32 in flight',
    group: 'clients',
    kind: 'clients',
    connections: 100,
    inFlight: 32,
    message: ascii20,
  },
  {
    ...common,
    name: 'idle',
    title: '10 000 idle connections',
    group: 'memory',
    kind: 'idle',
    connections: 10_000,
    inFlight: 1,
    message: ascii20,
    main: 'memory',
  },
  {
    ...common,
    name: 'idle-deflate',
    title: '10 000 idle connections that negotiated permessage-deflate',
    group: 'memory',
    kind: 'idle',
    connections: 10_000,
    inFlight: 1,
    message: json,
    deflate: true,
    main: 'memory',
  },
]

export const workloads = [...echoes, ...broadcasts, ...others]

/**
 * The targets: the most that hotline's figure may be, as a ratio to the other's.
 * @type {readonly import('./types.ts').Target[]}
 */
export const targets = [
  { title: 'echo 20 B, 1 in flight, 100 connections', workload: 'echo-20-text-1', to: 'ws', atMost: 0.6 },
  { title: 'echo 20 B, 1 in flight, 100 connections', workload: 'echo-20-text-1', to: 'uws', atMost: 1.2 },
  { title: 'echo 20 B, 32 in flight, text', workload: 'echo-20-text-32', to: 'ws', atMost: 0.08 },
  { title: 'echo 20 B, 32 in flight, text', workload: 'echo-20-text-32', to: 'uws', atMost: 0.6 },
  { title: 'echo 64 KiB binary', workload: 'echo-64k-binary-1', to: 'ws', atMost: 0.55 },
  { title: 'echo 64 KiB binary', workload: 'echo-64k-binary-1', to: 'uws', atMost: 1.6 },
  { title: 'broadcast 128 B to 1 000, singly', workload: 'broadcast-1k-1', to: 'ws', atMost: 0.75 },
  { title: 'broadcast 128 B to 1 000, singly', workload: 'broadcast-1k-1', to: 'uws', atMost: 1.15 },
  { title: 'broadcast 128 B to 1 000, bursts of 16', workload: 'broadcast-1k-16', to: 'ws', atMost: 0.12 },
  { title: 'broadcast 128 B to 1 000, bursts of 16', workload: 'broadcast-1k-16', to: 'uws', atMost: 1 },
  { title: 'deflate echo 1 KiB JSON, no takeover, 16 in flight', workload: 'deflate-echo', to: 'ws', atMost: 0.2 },
  { title: 'deflate echo 1 KiB JSON, no takeover, 16 in flight', workload: 'deflate-echo', to: 'uws', atMost: 1.25 },
  { title: 'deflate broadcast 1 KiB to 1 000', workload: 'deflate-broadcast', to: 'ws', atMost: 0.1 },
  { title: 'deflate broadcast 1 KiB to 1 000', workload: 'deflate-broadcast', to: 'uws', atMost: 1 },
  { title: 'TLS echo 20 B, 32 in flight', workload: 'tls-echo', to: 'ws', atMost: 0.4 },
  { title: 'idle memory for each connection', workload: 'idle', to: 'ws', atMost: 0.75 },
  {
    title: 'idle memory when permessage-deflate is negotiated',
    workload: 'idle-deflate',
    to: 'itself',
    beside: 'idle',
    atMost: 1.1,
  },
  { title: '100 clients sending 20 B, 32 in flight', workload: 'clients', to: 'ws', atMost: 0.15 },
]
