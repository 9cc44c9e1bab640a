/**
 * Raw DEFLATE by handles of zlib that are kept and run at once (`lane.ts`): one for each form serves every line that
 * has no context takeover. What is written lies in memory that the next call uses again. RFC 7692 §7.2
 */
import { createDeflateRaw, createInflateRaw } from 'node:zlib'
import type { DeflateEngine, DeflateForm, Deflater } from '../../connection/deflate-engine.ts'
import { hasZlibHandles, ZlibHandle } from './lane.ts'
import { deflateOptions, END, endsStream, notDeflate, publicDeflate, TAIL, tooBig } from './zlib.ts'

/** Bytes that most messages are written into, and those that memory is kept for: as many as a server takes by default. */
const SCRATCH = 65_536
const KEPT = 1_048_577
/** Text of so many units fits into the memory that is kept for it. */
const TEXT = 32_768
/** Streams have a buffer of their own, which nobody uses here. */
const chunkSize = 64

/** Memory of the process: each call uses all of it again. */
let output = Buffer.alloc(0)
let text = Buffer.alloc(0)

/** Room for so many bytes. */
function roomFor(size: number): Buffer {
  if (size <= output.length) return output
  const room = Buffer.allocUnsafeSlow(Math.max(size, SCRATCH))
  if (room.length <= KEPT) output = room
  return room
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  if (typeof data !== 'string') return data
  if (data.length > TEXT) return Buffer.from(data)
  if (text.length === 0) text = Buffer.allocUnsafeSlow(TEXT * 3)
  return text.subarray(0, text.write(data))
}

/** A handle and what it deflates. */
class HandleDeflater implements Deflater {
  readonly #options: ReturnType<typeof deflateOptions>
  #handle: ZlibHandle

  constructor(form: DeflateForm) {
    this.#options = { ...deflateOptions(form), chunkSize }
    this.#handle = this.#open()
  }

  deflate(data: string | Uint8Array): Uint8Array | undefined {
    const bytes = bytesOf(data)
    const handle = this.#handle
    const room = bytes.length + TAIL.length
    const target = roomFor(room)
    const written = handle.run(bytes, 0, target, 0, room)
    if (written > 0 && written < room) return target.subarray(0, written - TAIL.length)
    this.reset()
    return undefined
  }

  /** A handle that failed (there was no memory for it) is not used again. */
  reset(): void {
    if (this.#handle.failed) {
      this.close()
      this.#handle = this.#open()
    } else this.#handle.reset()
  }

  close(): void {
    this.#handle.close()
  }

  #open(): ZlibHandle {
    return new ZlibHandle(createDeflateRaw(this.#options))
  }
}

/** Deflaters that serve everybody and that nobody uses now, by form. */
const deflaters = new Map<DeflateForm, HandleDeflater[]>()
/** Handles to inflate, by the bits of their window. */
const inflaters: ZlibHandle[][] = Array.from({ length: 16 }, () => [])

/** Puts what went before into the handle's window: as stored blocks, whose output is not looked at. RFC 1951 §3.2.4 */
function prime(handle: ZlibHandle, history: readonly Uint8Array[]): void {
  for (const piece of history) {
    const { length } = piece
    const target = roomFor(length)
    handle.run(Uint8Array.of(0, length, length >>> 8, ~length, ~length >>> 8), 0, target, 0, length)
    handle.run(piece, 0, target, 0, length)
  }
}

/** The message of a payload; memory is taken in steps, as far as the limit goes. */
function read(handle: ZlibHandle, payload: Uint8Array, limit: number): Uint8Array {
  let target: Uint8Array = roomFor(1)
  let size = 0
  let unread = payload.length
  for (let full = true; full; ) {
    if (size === target.length) target = grown(target, limit)
    const room = Math.min(target.length, limit + 1) - size
    const written = handle.run(payload, payload.length - unread, target, size, room)
    if (handle.failed) throw notDeflate()
    size += written
    if (size > limit) throw tooBig(limit)
    unread = handle.unread
    full = written === room
  }
  const whole = unread === 0 ? endsHere(handle) : endsStream(payload, payload.length - unread)
  if (!whole) throw notDeflate()
  return target.subarray(0, size)
}

/** True when the handle stands behind a block, so that the end of payloads is the end; or when the stream has ended itself. */
function endsHere(handle: ZlibHandle): boolean {
  const written = handle.run(BEYOND, 0, NOWHERE, 0, 1)
  return !handle.failed && written === 0 && (handle.unread === 1 || handle.unread === BEYOND.length)
}

/** The end that a payload is read with, and a byte that is left when it is one. */
const BEYOND = Uint8Array.of(...END, 0)
const NOWHERE = new Uint8Array(1)

/** More room with what is there; a bomb finds the memory that the one before it has filled. */
function grown(bytes: Uint8Array, limit: number): Uint8Array {
  const more = roomFor(Math.min(bytes.length * 4, limit + 1))
  more.set(bytes)
  return more
}

const handleDeflate: DeflateEngine = {
  ...publicDeflate,

  deflate(data, form) {
    const free = deflaters.get(form) ?? []
    const deflater = free.pop() ?? new HandleDeflater(form)
    const payload = deflater.deflate(data)
    if (payload !== undefined) deflater.reset()
    free.push(deflater)
    deflaters.set(form, free)
    return payload
  },

  deflater: form => new HandleDeflater(form),

  // Twice the window, the table that leads into it, and one of hashes: as zlib says in zconf.h, for memLevel 8.
  deflaterSize: ({ windowBits }) => 2 ** (windowBits + 2) + 2 ** 17,

  inflate(payload, { windowBits, history }, limit) {
    if (payload.length === 0) return payload
    const free = inflaters[windowBits] as ZlibHandle[]
    const handle = free.pop() ?? new ZlibHandle(createInflateRaw({ windowBits, chunkSize }))
    try {
      prime(handle, history)
      const message = read(handle, payload, limit)
      handle.reset()
      free.push(handle)
      return message
    } catch (error) {
      handle.close()
      throw error
    }
  },
}

/** What this Node deflates with. */
export const nodeDeflate = (): DeflateEngine => (hasZlibHandles() ? handleDeflate : publicDeflate)
