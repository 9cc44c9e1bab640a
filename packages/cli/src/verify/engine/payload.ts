/** Bytes from the descriptions of them that stand in cases. */
import type { Message, Payload } from '../case.ts'

export function bytesOf(payload: Payload = ''): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  if (payload instanceof Uint8Array) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  return Buffer.alloc(payload.size, payload.fill)
}

/** Each message as often as it stands for, made only once. */
export function* expand(messages: readonly Message[]): Generator<{ type: Message['type']; data: Buffer }> {
  for (const { type, payload, times = 1 } of messages) {
    const data = bytesOf(payload)
    for (let count = 0; count < times; count++) yield { type, data }
  }
}

export const countOf = (messages: readonly Message[] = []): number =>
  messages.reduce((sum, { times = 1 }) => sum + times, 0)

/** The start of it in words, for reports. */
export function preview(data: Uint8Array, text: boolean): string {
  const size = `${data.length} byte${data.length === 1 ? '' : 's'}`
  if (data.length === 0) return 'empty'
  const start = Buffer.from(data.subarray(0, 24))
  const shown = text ? JSON.stringify(start.toString()) : start.toString('hex')
  return `${size}: ${shown}${data.length > 24 ? ' …' : ''}`
}
