/** Lines to servers that are to be one system, and what comes over them. */
import { once } from 'node:events'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { Log, within } from '../../../hotline/test/support/deadline.ts'

export interface Line extends Disposable {
  readonly socket: WebSocket
  /** What has come, as text. */
  readonly told: Log<string>
  readonly closed: Promise<readonly [code: number, reason: string]>
  send(message: string | object): void
}

/** A line; what is sent and comes as objects is JSON. */
export async function lineTo(url: string, protocol?: string): Promise<Line> {
  const socket = new WebSocket(url, protocol === undefined ? [] : [protocol], { rejectUnauthorized: false })
  const told = new Log<string>()
  socket.on('message', data => told.push(String(data)))
  const closed = once(socket, 'close').then(([code, reason]) => [code as number, String(reason)] as const)
  await within(`a line to ${url}`, once(socket, 'open'))
  return {
    socket,
    told,
    closed,
    send: message => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    [Symbol.dispose]: () => socket.terminate(),
  }
}

/** A line that has subscribed to a topic by hotline.1, from its beginning on. */
export async function readerOf(url: string, topic: string): Promise<Line> {
  const line = await lineTo(`${url}/topics`, 'hotline.1')
  line.send({ type: 'subscribe', id: 1, topic, last: 1000, presence: true })
  await line.told.until('the subscription', all => all.some(text => text.includes('"subscribed"')))
  return line
}

/** What a reader was told of publications: their offsets and data. */
export const publications = ({ told }: Line): readonly (readonly [offset: number, data: unknown])[] =>
  told.all
    .map(text => JSON.parse(text) as { type: string; offset: number; data: unknown })
    .filter(({ type }) => type === 'publication')
    .map(({ offset, data }) => [offset, data])

/** All of a room are there, and each hears all, once. */
export async function talk(lines: readonly Line[]): Promise<void> {
  for (const [at, line] of lines.entries()) {
    // Who hears itself hears the others.
    line.send(`here ${at}`)
    await line.told.until('itself', all => all.includes(`here ${at}`), 20_000)
  }
  for (const [at, line] of lines.entries()) line.send(`${at}`)
  for (const { told } of lines) {
    const said = (): string[] => told.all.filter(text => !text.startsWith('here')).toSorted()
    await told.until('what all have said', () => said().length === lines.length, 20_000)
    expect(said()).toEqual(lines.map((_, at) => `${at}`).toSorted())
  }
}
