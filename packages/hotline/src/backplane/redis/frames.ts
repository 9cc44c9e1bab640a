/** How a publication goes through Redis: one line of text that says whose it is, and the bytes. */
import type { Entry, Kept } from '../backplane.ts'

/** What a channel brought: with its place for a topic with history. */
export interface Heard extends Entry {
  readonly epoch: string | undefined
  readonly offset: number
}

const LINE_FEED = 10
/** Stands for an epoch where there is none. */
const NONE = '-'

/** What goes into the channel of a topic without history; for others the script writes the same. */
export function frame({ node, sequence, body }: Entry): Buffer {
  return Buffer.concat([Buffer.from(`${NONE} 0 ${node} ${sequence}\n`), body])
}

/** Undefined for what nobody of hotline wrote. */
export function readFrame(message: Buffer): Heard | undefined {
  const end = message.indexOf(LINE_FEED)
  const [epoch, offset, node, sequence] = message.toString('latin1', 0, Math.max(0, end)).split(' ')
  if (epoch === undefined || node === undefined || sequence === undefined) return undefined
  return {
    epoch: epoch === NONE ? undefined : epoch,
    offset: Number(offset),
    node,
    sequence: Number(sequence),
    body: message.subarray(end + 1),
  }
}

/** One entry of a stream: its id is `0-<offset>`, its fields are who (`node sequence time`) and the body. */
export type StreamEntry = readonly [id: Buffer, fields: readonly Buffer[]]

/** An entry with the time of Redis at which it was kept. */
export interface Stored extends Kept {
  readonly at: number
}

/** Undefined for an entry that was not written by hotline. */
export function readEntry([id, fields]: StreamEntry): Stored | undefined {
  const [, who, , body] = fields
  const [node, sequence, at] = (who?.toString('latin1') ?? '').split(' ')
  if (node === undefined || at === undefined || body === undefined) return undefined
  return { node, sequence: Number(sequence), offset: Number(id.toString('latin1', 2)), at: Number(at), body }
}
