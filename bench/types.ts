/** The words that the parts of the benchmark share. */

/** What a server's process is told. */
export interface ServerOptions {
  readonly mode: 'echo' | 'broadcast'
  readonly deflate: boolean
  /** Bytes of the largest message. */
  readonly largest: number
  /** Files with the key and the certificate. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Another checkout's packages/hotline. */
  readonly checkout?: string
}

/** How a server is spoken to: by RFC 6455, by Socket.IO's protocol above it, or by bytes alone. */
export type Protocol = 'websocket' | 'socket.io' | 'raw'

export interface MessageKind {
  readonly type: 'ascii' | 'multi-byte' | 'binary' | 'json'
  readonly size: number
}

/** What the load's process is told. */
export interface LoadOptions {
  readonly kind: 'echo' | 'broadcast' | 'idle' | 'accept'
  readonly protocol: Protocol
  readonly port: number
  /** The server's process. */
  readonly pid: number
  readonly tls: boolean
  readonly deflate: boolean
  readonly connections: number
  readonly inFlight: number
  readonly message: MessageKind
  readonly warmup: number
  readonly seconds: number
}

/** What a process of clients is told. */
export interface ClientOptions {
  readonly client: string
  readonly url: string
  readonly pid: number
  readonly connections: number
  readonly inFlight: number
  readonly message: MessageKind
  readonly warmup: number
  readonly seconds: number
  readonly checkout?: string
}

/** What one run of one server gave. Times of the CPU in microseconds, latency too, memory in bytes. */
export interface Sample {
  /** CPU of the measured process for each message, or for each connection that it accepted. */
  readonly cpu?: number
  readonly user?: number
  readonly system?: number
  readonly perSecond?: number
  readonly p50?: number
  readonly p99?: number
  readonly p999?: number
  /** How much of its core the measured process used, and how much the other one: 1 is all. */
  readonly busy?: number
  readonly loadBusy?: number
  /** Bytes on the wire of one answer, header and all. */
  readonly answer?: number
  /** Resident memory of the server for each idle connection. */
  readonly memory?: number
}

export type Figure = keyof Sample

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** What one server gave in one workload. */
export interface Row {
  readonly server: string
  readonly figures: { readonly [F in Figure]?: Spread }
  /** The workload's main figure as a ratio to that of the other server. */
  readonly toWs?: number
  readonly toUws?: number
  /** The load was busier than 90 % of its core, so that what the server could do is more than `perSecond`. */
  readonly floor: boolean
  readonly error?: string
}

/** One line of the table of targets. */
export interface Target {
  readonly title: string
  readonly workload: string
  /** `itself` is hotline in the workload `beside`. */
  readonly to: 'ws' | 'uws' | 'itself'
  readonly beside?: string
  readonly atMost: number
  readonly reached?: number
  readonly met?: boolean
}

export interface Workload {
  readonly name: string
  readonly title: string
  readonly group: string
  readonly kind: LoadOptions['kind'] | 'clients'
  readonly connections: number
  readonly inFlight: number
  readonly message: MessageKind
  readonly deflate: boolean
  readonly tls: boolean
  /** The figure that is compared: CPU for each message, or memory for each connection. */
  readonly main: 'cpu' | 'memory'
  /** Measured only with --all. */
  readonly extra: boolean
}

export interface Contender {
  readonly name: string
  readonly title: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly protocol: Protocol
  readonly checkout?: string
  /** What it cannot do. */
  readonly lacks: readonly ('deflate' | 'broadcast' | 'accept')[]
  /** The package whose version is told, and whether it must be installed in bench/. */
  readonly package: string
}

/** What is written as results.json. */
export interface Results {
  readonly date: string
  readonly provisional: boolean
  readonly machine: Readonly<Record<string, string | number>>
  readonly versions: Readonly<Record<string, string>>
  readonly commit: string
  readonly rounds: number
  readonly seconds: number
  readonly pinned: boolean
  readonly workloads: readonly (Workload & { readonly rows: readonly Row[] })[]
  readonly targets: readonly Target[]
}
