/**
 * Everything of Node that its documentation does not promise, in one place: reading into one buffer for the whole process,
 * writing without the stream, zlib without its streams, and running promise reactions without a tick. For sockets it is
 * closed until the probe (probe.ts) has seen an echo come through it; the others look first whether they find what they need.
 * Where that is missing, or with the environment variable HOTLINE_LANE=public, the same is done by documented API.
 *
 * Gains (bench/): no buffer to collect for each read, no stream machinery for each write, no tick for each message of a
 * client.
 */
import type { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { constants, createDeflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'
import { fastMemory } from '../../protocol/mask.ts'

/** What a socket's handle is seen to have, on Node 20 to 26. */
interface Handle {
  useUserBuffer?(buffer: Uint8Array): void
  writeBuffer?(...given: unknown[]): unknown
  writev?(request: WriteRequest | null, pieces: readonly Uint8Array[], allBuffers: boolean): unknown
}

/** The object with which Node follows a write. */
interface WriteRequest {
  /** The number of the operation that it follows. */
  getAsyncId?(): number
  buffer?: unknown
  oncomplete?: (status: number) => void
  /** On Node 26: how the write ended, when that was before anybody could be told; else null. */
  writeStatus?: number | null
}

type RequestClass = new () => WriteRequest

const handleOf = (socket: Socket): Handle | undefined =>
  (socket as unknown as { _handle?: Handle })._handle ?? undefined

/** The own property of a socket whose symbol has this description. */
const ownSymbol = (socket: Socket, description: string): symbol | undefined =>
  Object.getOwnPropertySymbols(socket).find(symbol => symbol.description === description)

const { HOTLINE_LANE: asked = '' } = process.env
if (asked !== '' && asked !== 'public') {
  process.emitWarning(`HOTLINE_LANE=${asked} says nothing to hotline; HOTLINE_LANE=public does without the lane`)
}

/** False when the public lane was asked for. */
export const isLaneWanted = asked !== 'public'

/** What the probe has found so far: until bytes were seen to come through, a socket does without. */
const proved = { tcp: false, tls: false }

/** Opens the lane, over TCP or over TLS, for the sockets to come. */
export function openLane(kind: keyof typeof proved): void {
  proved[kind] = true
}

/** True when a socket may use undocumented parts of Node. */
export const isLaneOpen = (encrypted: boolean): boolean => (encrypted ? proved.tls : proved.tcp)

/** True when all parts were found; TLS needs no writing. */
export const isLaneWhole = (encrypted: boolean): boolean =>
  readKeys !== undefined && (encrypted || (requestClass !== undefined && requestClass !== UNKNOWN))

const RECEIVE_SIZE = 262_144

/** One receive buffer for the process, where unmasking is fastest: a chunk is read before the next one comes. */
const RECEIVED = Buffer.from(fastMemory ?? new ArrayBuffer(RECEIVE_SIZE), 0, RECEIVE_SIZE)

/** The properties behind the documented option `onread`, which cannot be given for a socket that a server accepted. */
interface ReadKeys {
  readonly buffer: symbol
  readonly callback: symbol
  readonly generate: symbol
}

let readKeys: ReadKeys | undefined

function findReadKeys(socket: Socket): ReadKeys | undefined {
  const buffer = ownSymbol(socket, 'kBuffer')
  const callback = ownSymbol(socket, 'kBufferCb')
  const generate = ownSymbol(socket, 'kBufferGen')
  return buffer && callback && generate ? { buffer, callback, generate } : undefined
}

/**
 * Reads into the buffer of the process from now on. Nothing may wait in the socket's stream.
 *
 * @param received - a method of the socket: gets bytes that are lent until it returns, from 0 to the end. True reads on
 * @returns false when this Node cannot
 */
export function readShared<S extends Socket>(
  socket: S,
  received: (this: S, end: number, bytes: Uint8Array) => boolean,
): boolean {
  const handle = handleOf(socket)
  if (typeof handle?.useUserBuffer !== 'function') return false
  readKeys ??= findReadKeys(socket)
  if (readKeys === undefined) return false
  const target = socket as unknown as Record<symbol, unknown>
  target[readKeys.buffer] = RECEIVED
  target[readKeys.callback] = received
  target[readKeys.generate] = null
  handle.useUserBuffer(RECEIVED)
  return true
}

/** The number of a request that follows nothing. */
const UNUSED = -1

/** Node writes in a way that is not known here. */
const UNKNOWN = Symbol('unknown')

/** How Node itself follows a write: by an object of this class, or (since Node 26) by none. */
let requestClass: RequestClass | null | typeof UNKNOWN | undefined

/** Watches one ordinary write of the socket, to learn how Node follows it. */
export function learnWriting(socket: Socket): void {
  const handle = handleOf(socket)
  if (requestClass !== undefined || typeof handle?.writeBuffer !== 'function') return
  const original = handle.writeBuffer
  handle.writeBuffer = function (this: Handle, ...given) {
    delete handle.writeBuffer
    requestClass = classOf(given)
    return original.apply(this, given)
  }
}

/** The request and the bytes, and nothing else, are what Node has passed since long. */
function classOf([request, bytes, ...more]: unknown[]): typeof requestClass {
  if (more.length > 0 || !(bytes instanceof Uint8Array)) return UNKNOWN
  if (request === null) return null
  return typeof (request as WriteRequest).getAsyncId === 'function'
    ? ((request as object).constructor as RequestClass)
    : UNKNOWN
}

/** What came of a write: the system has it, it goes on and `written` will be called, or it failed. */
export type Written = 'taken' | 'pending' | Error

/** Is told of the end of a write that went on. */
export interface Writer {
  written(size: number, error?: Error): void
}

/** A request that Node had no need of, since the system took all at once, serves the next write too. */
let spare: WriteRequest | undefined

/** The write of so many bytes without the stream; undefined when this Node cannot, so that the stream has to. */
export function writeDirect(
  socket: Socket,
  bytes: Uint8Array | readonly Uint8Array[],
  size: number,
  writer: Writer,
): Written | undefined {
  const handle = handleOf(socket)
  if (handle === undefined || requestClass === undefined || requestClass === UNKNOWN) return undefined
  if (requestClass !== null) spare ??= new requestClass()
  const request = spare ?? null
  const answer =
    bytes instanceof Uint8Array ? handle.writeBuffer?.(request, bytes) : handle.writev?.(request, bytes, true)
  if (typeof answer === 'number') {
    if (answer === 0 && (request === null || request.getAsyncId?.() === UNUSED)) return 'taken'
    spare = undefined
    if (answer !== 0) return systemError(answer)
    follow(request as WriteRequest, bytes, size, writer)
    return 'pending'
  }
  const later = answer as WriteRequest | null | undefined
  if (typeof later !== 'object' || later === null) return undefined
  if (typeof later.writeStatus === 'number') return later.writeStatus < 0 ? systemError(later.writeStatus) : 'taken'
  follow(later, bytes, size, writer)
  return 'pending'
}

/** The request keeps the bytes alive until they are written. */
function follow(request: WriteRequest, bytes: unknown, size: number, writer: Writer): void {
  request.buffer = bytes
  request.oncomplete = status => writer.written(size, status < 0 ? systemError(status) : undefined)
}

let queueSizeKey: symbol | undefined

/**
 * Keeps the timeout that an application may set on the socket as the stream's own writes do: each begins it anew, and when
 * it is over, the socket looks whether one that goes on has got on since.
 *
 * @param pending - bytes of a write that goes on; 0 when none does
 */
export function keepTimeout(socket: Socket, pending: number): void {
  if (pending === 0 && !socket.timeout) return
  ;(socket as unknown as { _unrefTimer?(): void })._unrefTimer?.()
  queueSizeKey ??= ownSymbol(socket, 'lastWriteQueueSize')
  if (queueSizeKey !== undefined) (socket as unknown as Record<symbol, unknown>)[queueSizeKey] = pending
}

function systemError(errno: number): Error {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`write ${code}`), { errno, code, syscall: 'write' })
}

// zlib without its streams: a handle that is run at once, and kept for the next message. Gain (bench/): 19 to 35 µs a message.

/** What a stream of zlib is seen to have, on Node 20 to 26. */
interface ZlibParts {
  readonly _handle?: {
    writeSync?(
      flush: number,
      input: Uint8Array,
      from: number,
      length: number,
      output: Uint8Array,
      at: number,
      room: number,
    ): void
    onerror?: (message: string, errno: number, code: string) => void
  }
  /** After a run: bytes of room that are left, and bytes of input. */
  readonly _writeState?: Uint32Array
  /** What Node itself does with all of these. */
  _processChunk?(chunk: Uint8Array, flush: number): Uint8Array
}

type ZlibWrite = NonNullable<NonNullable<ZlibParts['_handle']>['writeSync']>

/** A stream of node:zlib whose handle is run without it. */
export class ZlibHandle {
  readonly #stream: DeflateRaw | InflateRaw
  readonly #handle: { writeSync: ZlibWrite }
  readonly #state: Uint32Array
  /** Bytes of input that the last run has not read. */
  unread = 0
  /** True when a run failed: then nothing but `close` makes sense. */
  failed = false

  constructor(stream: DeflateRaw | InflateRaw) {
    this.#stream = stream
    const { _handle: handle, _writeState: state } = stream as unknown as Required<ZlibParts>
    this.#handle = handle as { writeSync: ZlibWrite }
    this.#state = state
    // Node's own listener would end the stream, and does not know who runs the handle.
    handle.onerror = () => {
      this.failed = true
    }
  }

  /** Reads from `input`, writes into `output` from `at` on, and flushes; returns the bytes written, 0 when it failed. */
  run(input: Uint8Array, from: number, output: Uint8Array, at: number, room: number): number {
    this.#handle.writeSync(constants.Z_SYNC_FLUSH, input, from, input.length - from, output, at, room)
    if (this.failed) return 0
    this.unread = this.#state[1] as number
    return room - (this.#state[0] as number)
  }

  /** Begins anew, as if nothing had been run. */
  reset(): void {
    this.#stream.reset()
  }

  close(): void {
    this.#stream.close()
  }
}

let zlibHandles: boolean | undefined

/** True when this Node's handles of zlib are as `ZlibHandle` takes them to be. */
export function hasZlibHandles(): boolean {
  zlibHandles ??= isLaneWanted && zlibIsKnown()
  return zlibHandles
}

/** Watches Node run a handle: one that is run with other arguments than it expects would end the process. */
function zlibIsKnown(): boolean {
  const stream = createDeflateRaw()
  const { _handle: handle, _writeState: state } = stream as unknown as ZlibParts
  const original = handle?.writeSync
  if (handle === undefined || typeof original !== 'function' || state?.length !== 2) return false
  let seen = ''
  handle.writeSync = function (this: unknown, ...given) {
    seen = given.map(one => (one instanceof Uint8Array ? 'bytes' : typeof one)).join()
    return original.apply(this, given)
  }
  const chunk = new TextEncoder().encode('known?')
  const expected = (stream as unknown as ZlibParts)._processChunk?.(chunk, constants.Z_SYNC_FLUSH)
  if (expected === undefined || seen !== 'number,bytes,number,number,bytes,number,number') return false
  const zlib = new ZlibHandle(createDeflateRaw())
  const output = new Uint8Array(64)
  const written = zlib.run(chunk, 0, output, 0, output.length)
  zlib.close()
  return !zlib.failed && zlib.unread === 0 && Buffer.compare(output.subarray(0, written), expected) === 0
}

/** What Node itself calls between two timers. With --pending-deprecation it is wrapped in something that warns. */
const runNextTicks = (process as { _tickCallback?: () => void })._tickCallback

/** Runs the promise reactions and ticks that are ready, from within a tick; undefined when this Node cannot. */
export const runReady: (() => void) | undefined =
  isLaneWanted && runNextTicks?.name === 'runNextTicks' ? runNextTicks : undefined
