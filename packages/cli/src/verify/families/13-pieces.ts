/** The words in which compressed messages are written. RFC 7692 */
import type { Deflating, Frame, Message, Step } from '../case.ts'

export const OFFER = 'permessage-deflate; client_max_window_bits'
export const deflate = { offer: OFFER, accept: '' }
export const letters = (size: number) => ({ fill: 'abcdefghij', size })
export const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')

interface How extends Deflating {
  readonly fragments?: number
  readonly times?: number
}
export const squeezed = (message: Message, how: How = {}): Step => ({
  do: 'message',
  compressed: true,
  ...message,
  ...how,
})
export const bare = (message: Message): Step => ({ do: 'message', compressed: false, ...message })

/** Bytes that do not get shorter. */
export function noise(size: number): Buffer {
  const data = Buffer.alloc(size)
  for (let index = 0, state = 12_345; index < size; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    data[index] = state >>> 24
  }
  return data
}

/** A binary frame of a compressed message, in hex. */
export const binary = (digits: string): Frame => ({ opcode: 2, payload: hex(digits), rsv: 4 })
