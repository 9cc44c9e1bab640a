/**
 * Everything of Node that its documentation does not promise, in one place: reading into one buffer for the whole process,
 * writing without the stream, and running promise reactions without a tick. Each part looks first whether it finds what it needs; without it, or with the
 * environment variable HOTLINE_LANE=public, the transport does the same by documented API.
 *
 * Gains (bench/): no buffer to collect for each read, no stream machinery for each write, no tick for each message of a
 * client.
 */
import type { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { fastMemory } from '../../protocol/mask.ts'

/** What a socket's handle is seen to have, on Node 20 to 26. */
interface Handle {
  useUserBuffer?(buffer: Uint8Array): void
  writeBuffer?(request: WriteRequest | null, bytes: Uint8Array): unknown
  writev?(request: WriteRequest | null, pieces: readonly Uint8Array[], allBuffers: boolean): unknown
  readonly writeQueueSize?: number
}

/** The object with which Node follows a write. */
interface WriteRequest {
  handle?: unknown
  buffer?: unknown
  oncomplete?: (status: number) => void
}

type RequestClass = new () => WriteRequest

const handleOf = (socket: Socket): Handle | undefined =>
  (socket as unknown as { _handle?: Handle })._handle ?? undefined

/** False when the public lane was asked for. */
export const isLaneOpen = process.env.HOTLINE_LANE !== 'public'

const RECEIVE_SIZE = 65_536

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
  const own = Object.getOwnPropertySymbols(socket)
  const find = (name: string): symbol | undefined => own.find(symbol => symbol.description === name)
  const [buffer, callback, generate] = [find('kBuffer'), find('kBufferCb'), find('kBufferGen')]
  return buffer && callback && generate ? { buffer, callback, generate } : undefined
}

/**
 * Reads into the buffer of the process from now on. Nothing may wait in the socket's stream.
 *
 * @param received - gets bytes that are lent until it returns, from 0 to the end
 * @returns false when this Node cannot
 */
export function readShared(socket: Socket, received: (bytes: Uint8Array, end: number) => void): boolean {
  const handle = handleOf(socket)
  if (typeof handle?.useUserBuffer !== 'function') return false
  readKeys ??= findReadKeys(socket)
  if (readKeys === undefined) return false
  const target = socket as unknown as Record<symbol, unknown>
  target[readKeys.buffer] = RECEIVED
  target[readKeys.callback] = (length: number): boolean => {
    received(RECEIVED, length)
    return true
  }
  target[readKeys.generate] = null
  handle.useUserBuffer(RECEIVED)
  return true
}

/** How Node itself follows a write: by an object of this class, or (since Node 26) by none. */
let requestClass: RequestClass | null | undefined

/** Watches one ordinary write of the socket, to learn how Node follows it. */
export function learnWriting(socket: Socket): void {
  const handle = handleOf(socket)
  if (requestClass !== undefined || typeof handle?.writeBuffer !== 'function') return
  const original = handle.writeBuffer
  handle.writeBuffer = function (this: Handle, request, bytes) {
    delete handle.writeBuffer
    requestClass = request === null ? null : (request.constructor as RequestClass)
    return original.call(this, request, bytes)
  }
}

/** What came of a write: the system has it, it goes on and `done` will be called, or it failed. */
export type Written = 'taken' | 'pending' | Error

/** The write without the stream; undefined when this Node cannot, so that the stream has to. */
export function writeDirect(
  socket: Socket,
  pieces: readonly Uint8Array[],
  done: (error?: Error) => void,
): Written | undefined {
  const handle = handleOf(socket)
  if (requestClass === undefined || handle === undefined || typeof handle.writeQueueSize !== 'number') return undefined
  const request = requestClass === null ? null : followed(requestClass, handle, pieces, done)
  const answer = send(handle, request, pieces)
  if (typeof answer === 'number') {
    if (answer !== 0) return systemError(answer)
    if (handle.writeQueueSize !== 0) return 'pending'
    // The system has it, though Node may still tell so later: nobody waits for that.
    if (request !== null) request.oncomplete = ignore
    return 'taken'
  }
  if (typeof answer !== 'object' || answer === null) return undefined
  follow(answer as WriteRequest, handle, pieces, done)
  return 'pending'
}

const ignore = (): void => {}

function send(handle: Handle, request: WriteRequest | null, pieces: readonly Uint8Array[]): unknown {
  return pieces.length === 1 ? handle.writeBuffer?.(request, pieces[0]) : handle.writev?.(request, pieces, true)
}

function followed(
  Request: RequestClass,
  handle: Handle,
  pieces: readonly Uint8Array[],
  done: (error?: Error) => void,
): WriteRequest {
  const request = new Request()
  follow(request, handle, pieces, done)
  return request
}

/** The request keeps the bytes alive until they are written. */
function follow(
  request: WriteRequest,
  handle: Handle,
  pieces: readonly Uint8Array[],
  done: (error?: Error) => void,
): void {
  request.handle = handle
  request.buffer = pieces
  request.oncomplete = status => done(status < 0 ? systemError(status) : undefined)
}

function systemError(errno: number): Error {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`write ${code}`), { errno, code, syscall: 'write' })
}

/** What Node itself calls between two timers. With --pending-deprecation it is wrapped in something that warns. */
const runNextTicks = (process as { _tickCallback?: () => void })._tickCallback

/** Runs the promise reactions and ticks that are ready, from within a tick; undefined when this Node cannot. */
export const runReady: (() => void) | undefined =
  isLaneOpen && runNextTicks?.name === 'runNextTicks' ? runNextTicks : undefined
