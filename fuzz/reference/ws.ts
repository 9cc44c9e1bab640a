/** The reader of `ws`, given the same bytes: what it tells, in the words of the second reader. */
import * as ws from 'ws'
import { pieces, type Split } from '../engine/bytes.ts'
import { type Reading, type Told, toHex } from './frames.ts'

type Done = (error?: Error) => void

/** What its types do not have. */
interface Receiver {
  on(event: string, listener: (...values: never[]) => void): unknown
  /** What `write` calls, without a turn of the loop between an error and its event. */
  _write(chunk: Buffer, encoding: string, done: Done): void
}

interface Deflate {
  accept(offers: readonly object[]): object
  cleanup(): void
}

interface Parsers {
  readonly Receiver: new (options: object) => Receiver
  readonly PerMessageDeflate: new (options: object) => Deflate
  readonly extension: { parse(header: string): Record<string, Record<string, (string | true)[]>[]> }
  readonly subprotocol: { parse(header: string): Set<string> }
}

const { Receiver, PerMessageDeflate, extension, subprotocol } = ws as unknown as Parsers

export { extension, subprotocol }

/** As `Told`; of a close frame, ws tells code and reason. */
export type WsTold = Told | readonly [what: 'closed', code: number, reason: string]

/** The close code that ws gives an error. */
function codeOf(error: Error): number {
  for (const symbol of Object.getOwnPropertySymbols(error)) {
    if (symbol.description === 'status-code') return (error as unknown as Record<symbol, number>)[symbol] as number
  }
  throw error
}

function listen(reading: Reading, extensions: object): { receiver: Receiver; told: WsTold[]; done: Done } {
  const receiver = new Receiver({
    isServer: reading.masked,
    maxPayload: reading.maxMessage,
    extensions,
    allowSynchronousEvents: true,
  })
  const told: WsTold[] = []
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    told.push(isBinary ? ['binary', toHex(data)] : ['text', new TextDecoder('utf-8', { ignoreBOM: true }).decode(data)])
  })
  receiver.on('ping', (data: Buffer) => told.push(['ping', toHex(data)]))
  receiver.on('pong', (data: Buffer) => told.push(['pong', toHex(data)]))
  receiver.on('conclude', (code: number, reason: Buffer) => told.push(['closed', code, reason.toString()]))
  receiver.on('error', () => {})
  const done: Done = error => {
    if (error) told.push(['fail', codeOf(error)])
  }
  return { receiver, told, done }
}

/** Without compression: all at once. */
export function readByWs(bytes: Uint8Array, reading: Reading, split: Split): WsTold[] {
  const { receiver, told, done } = listen(reading, {})
  const over = (): boolean => ['fail', 'closed'].includes(told.at(-1)?.[0] ?? '')
  for (const piece of pieces(bytes, split)) if (!over()) receiver._write(Buffer.from(piece), '', done)
  return told
}

/** With permessage-deflate, which ws inflates by threads. */
export async function readDeflatedByWs(bytes: Uint8Array, reading: Reading, params: object): Promise<WsTold[]> {
  const { masked, maxMessage } = reading
  const deflate = new PerMessageDeflate({ isServer: masked, maxPayload: maxMessage })
  deflate.accept([params])
  const { receiver, told, done } = listen(reading, { 'permessage-deflate': deflate })
  await new Promise<void>(resolve => {
    receiver.on('conclude', () => resolve())
    receiver._write(Buffer.from(bytes), '', error => {
      done(error)
      resolve()
    })
  })
  deflate.cleanup()
  return told
}
