// What waits behind a Blob or parts is bounded like the rest: threats 10.
import { expect, test } from 'vitest'
import { LimitError } from '../../src/errors.ts'
import type { ServerSocket } from '../../src/server/index.ts'
import { listening } from '../server/support.ts'
import { Log, within } from '../support/deadline.ts'
import { RawClient } from '../support/raw.ts'

const MIB = 1_048_576

async function* never(): AsyncGenerator<string> {
  yield 'the beginning'
  await new Promise(() => {})
}

test.each([
  ['a Blob', () => new Blob([new Uint8Array(8 * MIB)])],
  ['parts that do not end', () => never()],
])(
  'behind %s, a peer that never reads costs maxQueued and one message, then the line goes with 1013',
  async (_, first) => {
    const opened = new Log<ServerSocket>()
    await using it = await listening({
      closeTimeout: 500,
      routes: { '/': { open: socket => void opened.push(socket as ServerSocket) } },
    })
    using client = await RawClient.ask(it.port)
    await client.answer()
    client.socket.pause()
    await opened.until('an open socket', all => all.length === 1)
    const [socket] = opened.all as [ServerSocket]
    const message = new Uint8Array(MIB / 4)
    const errors: unknown[] = []
    socket.send(first()).catch(error => errors.push(error))
    let most = 0
    for (let i = 0; i < 100; i++) {
      socket.send(message).catch(error => errors.push(error))
      most = Math.max(most, socket.bufferedAmount)
    }
    expect(most).toBeLessThanOrEqual(9 * MIB + message.length)
    await within('the end', socket.closed)
    expect((await socket.closed).error).toBeInstanceOf(LimitError)
    expect(await socket.closed).toMatchObject({ code: 1013, error: { limit: { option: 'maxQueued' } } })
  },
)
