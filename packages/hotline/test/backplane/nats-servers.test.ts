/** Servers that NATS joins, as their clients see them: NATS ends, stands still and begins again, and a server goes. */
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { Middle } from '../../../../test/support/middle.ts'
import { NatsServer } from '../../../../test/support/nats.ts'
import { natsBackplane } from '../../src/backplane/nats/index.ts'
import { connect } from '../../src/client/index.ts'
import { type Server, serve } from '../../src/server/index.ts'
import { Log } from '../support/deadline.ts'

const program = inject('nats') ?? ''

const start = (nats: string, port = 0): Promise<Server> =>
  serve({
    port,
    report: () => {},
    backplane: natsBackplane({ servers: nats, stallTimeout: 500 }),
    topics: { 'chat/*': { history: { size: 2000 }, subscribe: true } },
    routes: { '/': { topics: true } },
  })

/** A client that writes down what it gets, and what is said of what it does not. */
function reader(url: string) {
  const line = connect(url, { backoff: { base: 20, cap: 100 } })
  const log = new Log<unknown>()
  const missed: unknown[] = []
  const notices = new Log<string>()
  line.on('notice', ({ code }) => notices.push(code))
  const topic = line.topic('chat/x')
  topic.on('publication', ({ data, passed, recovered }) => {
    if (passed > 0 || !recovered) missed.push({ data, passed, recovered })
    log.push(data)
  })
  const subscribed = new Promise<void>(resolve => topic.on('subscribed', () => resolve()))
  return { line, log, missed, notices, subscribed }
}

const count = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)

describe.skipIf(program === '')('two servers over NATS', () => {
  test.each(['ends at once and begins again', 'stands still', 'cannot be reached'])(
    'lose nothing and double nothing when it %s',
    async what => {
      const nats = await NatsServer.start(program)
      onTestFinished(() => nats[Symbol.asyncDispose]())
      await using middle = await Middle.start(() => nats.port)
      const [here, there] = [await start(middle.url), await start(nats.url)]
      const readers = [here, there].map(server => reader(`${server.url}/`))
      await Promise.all(readers.map(({ subscribed }) => subscribed))
      const publish = (from: number, to: number): Promise<unknown>[] =>
        count(from, to).map(data => (data % 2 ? here : there).publish('chat/x', data).stored as Promise<unknown>)
      await Promise.all(publish(0, 200))
      const during = publish(200, 400)
      if (what === 'stands still') await nats.pause()
      else if (what === 'cannot be reached') middle.swallow()
      else await nats.stop('SIGKILL')
      during.push(...publish(400, 500))
      await readers[0]?.notices.until('interrupted', all => all.includes('interrupted'))
      during.push(...publish(500, 600))
      if (what === 'stands still') nats.resume()
      else if (what === 'cannot be reached') middle.heal()
      else await nats.start()
      await Promise.all(during)
      await Promise.all(publish(600, 700))
      for (const { log, missed } of readers) {
        await log.until('all', all => all.length >= 700)
        expect(missed).toEqual([])
        // Each server's are in the order in which it published them.
        for (const rest of [0, 1]) {
          const wanted = count(0, 700).filter(data => data % 2 === rest)
          expect(log.all.filter(data => (data as number) % 2 === rest)).toEqual(wanted)
        }
      }
      expect(readers[0]?.log.all).toEqual(readers[1]?.log.all)
      expect(readers[0]?.notices.all).toEqual(['interrupted', 'restored'])
      for (const { line } of readers) line.close()
      await Promise.all([here, there].map(server => server.close({ within: 1000 })))
    },
    30_000,
  )

  test('of which one goes and comes again: its clients get what was published meanwhile', async () => {
    const nats = await NatsServer.start(program)
    onTestFinished(() => nats[Symbol.asyncDispose]())
    const [here, there] = [await start(nats.url), await start(nats.url)]
    const readers = [here, there].map(server => reader(`${server.url}/`))
    await Promise.all(readers.map(({ subscribed }) => subscribed))
    await Promise.all(count(0, 100).map(data => there.publish('chat/x', data).stored))
    await readers[0]?.log.until('the first', all => all.length === 100)
    const { port } = here
    await here.close({ within: 0 })
    await Promise.all(count(100, 200).map(data => there.publish('chat/x', data).stored))
    const again = await start(nats.url, port)
    for (const { log, missed } of readers) {
      await log.until('all', all => all.length >= 200)
      expect(log.all).toEqual(count(0, 200))
      expect(missed).toEqual([])
    }
    for (const { line } of readers) line.close()
    await Promise.all([again, there].map(server => server.close({ within: 1000 })))
  })
})
