/** What is special about NATS: how it is reached, what it refuses, and what it loses. The contract of all engines is in contract.ts. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, nkeys } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { Middle } from '../../../../test/support/middle.ts'
import { NatsServer, type NatsServerOptions } from '../../../../test/support/nats.ts'
import { type NatsBackplaneOptions, natsBackplane } from '../../src/backplane/nats/index.ts'
import { Link } from '../../src/backplane/nats/link.ts'
import { load } from '../../src/backplane/nats/modules.ts'
import { resolve } from '../../src/backplane/nats/options.ts'
import { sweep } from '../../src/backplane/nats/sweep.ts'
import { BackplaneError, UsageError } from '../../src/errors.ts'
import { certificate } from '../support/certificate.ts'
import { Log, within } from '../support/deadline.ts'
import { Follower, HISTORY, Publisher, type TestNode, text, unique } from './support.ts'

const program = inject('nats') ?? ''
const isThere = program !== ''

/** A server for one test, which ends with it, however that ends. */
async function start(options?: NatsServerOptions): Promise<NatsServer> {
  const server = await NatsServer.start(program, options)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

/** An open node that is closed at the end of the test. */
class Node implements TestNode, AsyncDisposable {
  readonly name = unique('node')
  readonly events = new Log<'up' | 'down'>()
  readonly reasons: string[] = []
  readonly trouble = new Log<string>()
  readonly backplane

  private constructor(options: string | NatsBackplaneOptions) {
    this.backplane = natsBackplane(options)
  }

  static async open(options: string | NatsBackplaneOptions): Promise<Node> {
    const node = new Node(options)
    const up = (): void => node.events.push('up')
    const down = (reason: Error): void => {
      node.reasons.push(reason.message)
      node.events.push('down')
    }
    await within(
      'a node that opens',
      node.backplane.open({ up, down, trouble: ({ message }) => node.trouble.push(message) }),
    )
    return node
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backplane.close()
  }
}

/** Publishes as a node does: what was in flight when the engine was lost is given again, in its order. */
async function publishAll(node: Node, topic: string, count: number): Promise<void> {
  const publisher = new Publisher(node)
  const waiting = new Map(Array.from({ length: count }, (_, at) => [at, publisher.next(text(`${at}`))] as const))
  const done = new Log<undefined>()
  for (let ups = 0; waiting.size > 0; ups++) {
    for (const [at, entry] of waiting) {
      node.backplane.publish(topic, HISTORY, entry).then(
        () => {
          waiting.delete(at)
          if (waiting.size === 0) done.changed()
        },
        () => {},
      )
    }
    const next = (): boolean => waiting.size === 0 || node.events.all.filter(event => event === 'up').length > ups
    const wake = Promise.race([done.until('all', next, 20_000), node.events.until('up', next, 20_000)])
    await wake
  }
}

const lines = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`)

describe.skipIf(!isThere)('how it is reached', () => {
  const login = async (config: string, options: NatsBackplaneOptions): Promise<string> => {
    const server = await start({ config })
    const node = await Node.open({ servers: server.url, ...options })
    await within('a publication', new Publisher(node).publish('topic', text('x')))
    await node.backplane.close()
    return node.backplane.name
  }

  test('with user and password, a token or an NKEY', async () => {
    const users = 'authorization { users = [{ user: ada, password: "p:w/d" }] }\n'
    expect(await login(users, { user: 'ada', password: 'p:w/d' })).not.toMatch(/ada|p:w/)
    await login('authorization { token: "s3cret" }\n', { token: 's3cret' })
    const key = nkeys.createUser()
    const nkey = new TextDecoder().decode(key.getSeed())
    await login(`authorization { users = [{ nkey: ${key.getPublicKey()} }] }\n`, { nkey })
  })

  test('with what stands in the URL, of which nothing is in its name', async () => {
    const config = 'authorization { users = [{ user: "a d", password: "p@w" }] }\n'
    const server = await start({ config })
    await using node = await Node.open(`nats://127.0.0.1:1,nats://a%20d:p%40w@127.0.0.1:${server.port}`)
    expect(node.backplane.name).toBe(`nats 127.0.0.1:1, 127.0.0.1:${server.port}`)
    const token = await start({ config: 'authorization { token: "s3cret" }\n' })
    await using other = await Node.open(`nats://s3cret@127.0.0.1:${token.port}`)
    expect(other.backplane.name).toBe(`nats 127.0.0.1:${token.port}`)
  })

  test('by a user who may do what docs/guide/backplanes-nats.md says, and nothing else', async () => {
    const page = readFileSync(new URL('../../../../docs/guide/backplanes-nats.md', import.meta.url), 'utf8')
    const [, config = ''] = /```text\n(authorization [^`]*)```/.exec(page) ?? []
    const server = await start({ config })
    const servers = `nats://hotline:secret@127.0.0.1:${server.port}`
    await using one = await Node.open(servers)
    await using other = await Node.open(servers)
    const words = new Log<string>()
    await within('attendance', other.backplane.attendance('topic', (node, word) => words.push(`${node} ${word}`)).ready)
    await within('a watch', other.backplane.watch('**', () => {}).ready)
    const follower = await Follower.on(other, 'topic')
    await within('a word', one.backplane.attend('topic', one.name, text('a')))
    await within('a publication', new Publisher(one).publish('topic', text('a')))
    await within('one without history', new Publisher(one).publish('passing', text('a'), null))
    await words.until('a word', all => all.length === 1)
    await follower.untilText('a')
    follower.end()
    expect([...one.reasons, ...other.reasons]).toEqual([])
  })

  test('over TLS, whose certificate is looked at', async () => {
    const { cert, key } = await certificate()
    const config = (folder: string): string =>
      `tls { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem" }\n`
    const server = await start({
      files: { 'cert.pem': cert, 'key.pem': key },
      configOf: config,
    })
    const servers = `tls://localhost:${server.port}`
    await using node = await Node.open({ servers, tls: { ca: cert } })
    await within('a publication', new Publisher(node).publish('topic', text('x')))
    await expect(natsBackplane(servers).open({ up() {}, down() {} })).rejects.toThrow(/self.signed/)
    await expect(natsBackplane(`tls://127.0.0.1:1`).open({ up() {}, down() {} })).rejects.toThrow(/connection refused/)
  })

  test.each([
    [{ servers: 'redis://a' }, 'servers'],
    [{ servers: 'nats://a/b' }, 'servers'],
    [{ servers: [] }, 'servers'],
    [{ prefix: 'a.b' }, 'prefix'],
    [{ replicas: 2 }, 'replicas'],
    [{ stallTimeout: 1 }, 'stallTimeout'],
    [{ storage: 'tape' }, 'storage'],
    [{ pass: 'x' }, 'pass'],
  ])('not by %j', (options, option) => {
    expect(() => natsBackplane(options as NatsBackplaneOptions)).toThrow(expect.objectContaining({ option }))
    expect(() => natsBackplane(options as NatsBackplaneOptions)).toThrow(UsageError)
  })
})

test('without its packages it says what to install', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hotline-nats-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(new URL('../../dist', import.meta.url), join(folder, 'dist'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const script = `const { natsBackplane } = await import('./dist/backplane/nats/index.js')
    await natsBackplane().open({}).catch(({ name, message }) => console.log(name, message))`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, encoding: 'utf8' })
  expect(said).toMatch(/^BackplaneError .*: npm install @nats-io\/transport-node @nats-io\/jetstream @nats-io\/kv\n$/)
})

describe.skipIf(!isThere)('what it cannot be', () => {
  const refusal = async (servers: string): Promise<string> => {
    const opening = natsBackplane(servers).open({ up() {}, down() {} })
    const error = await within('a refusal', opening).catch(error => error)
    expect(error).toBeInstanceOf(BackplaneError)
    return error.message
  }

  test('a port on which nobody listens', async () => {
    expect(await refusal('nats://127.0.0.1:1')).toMatch(/127\.0\.0\.1:1: connection refused/)
  })

  test('a server that does not know the user', async () => {
    const server = await start({ config: 'authorization { user: ada, password: x }\n' })
    const message = await refusal(`nats://ada:secret@127.0.0.1:${server.port}`)
    expect(message).toMatch(/refuses the credentials/)
    expect(message).not.toMatch(/secret/)
  })

  test('a server without JetStream', async () => {
    const server = await start({ jetstream: false })
    expect(await refusal(server.url)).toMatch(/has no JetStream for us: start it with -js/)
  })

  test('a server that is too old', async () => {
    const server = createServer(socket => {
      socket.write(`INFO ${JSON.stringify({ server_name: 'old', version: '2.8.4', max_payload: 1024, proto: 1 })}\r\n`)
      socket.on('data', bytes => `${bytes}`.includes('PING') && socket.write('PONG\r\n')).on('error', () => {})
    })
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    expect(await refusal(`nats://127.0.0.1:${port}`)).toMatch(/\(2\.8\.4\) is too old: 2\.9 or newer/)
    await new Promise(closed => server.close(closed))
  })

  test('one that forbids what is needed says so when it is lost', async () => {
    const config = `authorization { users = [{ user: a, password: b, permissions: { publish: { deny: "hotline.>" } } }] }\n`
    const server = await start({ config })
    await using node = await Node.open(`nats://a:b@127.0.0.1:${server.port}`)
    const given = new Publisher(node).publish('topic', text('x'))
    await expect(within('its fate', given)).rejects.toThrow(/permissions violation/i)
    expect(node.reasons[0]).toMatch(/permissions violation/i)
  })
})

describe.skipIf(!isThere)('over one server', () => {
  let server: NatsServer
  let servers = ''
  beforeAll(async () => {
    server = await NatsServer.start(program)
    servers = server.url
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  /** What an operator can do. */
  async function operate<T>(work: (jsm: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>): Promise<T> {
    const nc = await connect({ servers })
    try {
      return await work(await jetstreamManager(nc))
    } finally {
      await nc.close()
    }
  }

  test('a stream that is deleted begins anew, and what was published meanwhile is kept there, watched or not', async () => {
    await using one = await Node.open({ servers, stallTimeout: 400 })
    await using other = await Node.open({ servers })
    for (const isWatched of [false, true]) {
      const topic = unique('deleted')
      const follower = await Follower.on(other, topic)
      if (isWatched) await other.backplane.watch('**', () => {}).ready
      const publisher = new Publisher(one)
      const before = await publisher.publish(topic, text('a'))
      await follower.untilText('a')
      await operate(jsm => jsm.streams.delete(`hotline_t_${topic}`))
      const after = await within('its place', publisher.publish(topic, text('b')))
      expect(after?.offset).toBe(1)
      expect(after?.epoch).not.toBe(before?.epoch)
      await follower.untilText('b')
      expect(follower.epochs).toEqual([before?.epoch, after?.epoch])
    }
  })

  test('a stream that is purged goes on in its epoch: what was not read is missing, and told as a gap', async () => {
    await using one = await Node.open(servers)
    const topic = unique('purged')
    const publisher = new Publisher(one)
    const follower = await Follower.on(one, topic)
    await publisher.publish(topic, text('a'))
    await follower.untilText('a')
    await operate(jsm => jsm.streams.purge(`hotline_t_${topic}`))
    expect((await publisher.publish(topic, text('b')))?.offset).toBe(2)
    await follower.untilText('b')
    follower.checkWhole(2)
    await using other = await Node.open(servers)
    const late = await Follower.on(other, topic)
    expect([late.epoch, late.texts]).toEqual([follower.epoch, ['b']])
  })

  test('a consumer that is deleted begins anew, without a word', async () => {
    await using one = await Node.open(servers)
    const topic = unique('consumer')
    const publisher = new Publisher(one)
    const follower = await Follower.on(one, topic)
    await publisher.publish(topic, text('a'))
    await follower.untilText('a')
    const stream = `hotline_t_${topic}`
    const left = await operate(async jsm => {
      for await (const { name } of jsm.consumers.list(stream)) await jsm.consumers.delete(stream, name)
      return (await jsm.streams.info(stream)).state.consumer_count
    })
    expect(left).toBe(0)
    await publisher.publish(topic, text('b'))
    await follower.untilText('b')
    follower.checkWhole(2)
    expect(one.events.all).toEqual([])
  }, 40_000)

  test('what others publish to our subjects is passed over', async () => {
    await using one = await Node.open(servers)
    const signs = new Log<string>()
    const words = new Log<string>()
    await within('a watch', one.backplane.watch('**', topic => signs.push(topic)).ready)
    await within('attendance', one.backplane.attendance('topic', name => words.push(name)).ready)
    const nc = await connect({ servers })
    for (const subject of ['hotline.-.=zz', 'hotline.-', 'hotline.-.a.=', '$KV.hotline_attendance.topic.=zz'])
      for (const data of ['', 'x', '\0'.repeat(9)]) nc.publish(subject, data)
    await nc.flush()
    await nc.close()
    await within('a word', one.backplane.attend('topic', one.name, text('here')))
    await words.until('it', all => all.length > 0)
    expect(words.all).toEqual([one.name])
    await new Publisher(one).publish('passing', text('a'), null)
    await signs.until('the sign', all => all.includes('passing'))
    expect([one.events.all, one.trouble.all]).toEqual([[], []])
  })

  test('other rules change the stream that is there', async () => {
    await using one = await Node.open(servers)
    await using other = await Node.open(servers)
    const topic = unique('rules')
    await new Publisher(one).publish(topic, text('a'), { size: 10_000, age: 1e9, bytes: 1e9 })
    await Follower.on(other, topic, { size: 20_000, age: 1e8, bytes: 1e8 })
    const { config } = await operate(jsm => jsm.streams.info(`hotline_t_${topic}`))
    expect(config).toMatchObject({ max_msgs: 20_000, max_age: 1e14, max_bytes: 1e8, duplicate_window: 12e10 })
  })

  test('what others put into a stream has its place, and breaks nothing', async () => {
    await using one = await Node.open(servers)
    const topic = unique('foreign')
    const publisher = new Publisher(one)
    await publisher.publish(topic, text('a'))
    const follower = await Follower.on(one, topic)
    const { config } = await operate(jsm => jsm.streams.info(`hotline_t_${topic}`))
    await operate(async jsm => void (await jsm.jetstream().publish(config.subjects[0] as string, '\xff?')))
    await publisher.publish(topic, text('b'))
    await follower.untilText('b')
    follower.checkWhole(3)
  })

  test('an unused stream is deleted when nothing has been in it for long; one that is used, or has something, is not', async () => {
    await using one = await Node.open(servers)
    const [empty, full, consumed] = ['empty', 'full', 'consumed'].map(unique) as [string, string, string]
    const gone = await Follower.on(one, empty)
    gone.end()
    await Follower.on(one, consumed)
    await new Publisher(one).publish(full, text('a'))
    const names = (): Promise<string[]> =>
      operate(async jsm => (await jsm.streams.list().next()).map(({ config }) => config.name))
    const has = async (topic: string): Promise<boolean> => (await names()).includes(`hotline_t_${topic}`)
    const settings = resolve(servers)
    let swept = Promise.resolve(0)
    const modules = await load()
    const looked = async (later: number): Promise<void> => {
      const link = new Link(modules, settings, {
        ready: session => (swept = sweep(session, settings, Date.now() + later)),
        lost: () => {},
        refused: () => {},
      })
      await link.open()
      await swept
      link.close()
    }
    await looked(settings.idle / 2)
    expect(await has(empty)).toBe(true)
    // The end of a consumption reaches NATS by itself.
    for (let left = 50; left > 0 && (await has(empty)); left--) await looked(settings.idle * 2)
    expect([await has(empty), await has(full), await has(consumed)]).toEqual([false, true, true])
    await within('its place', new Publisher(one).publish(empty, text('again')))
  })

  test('a publication that is larger than NATS takes is refused, and the next one is kept', async () => {
    await using one = await Node.open(servers)
    for (const history of [HISTORY, null]) {
      const topic = unique('large')
      const publisher = new Publisher(one)
      const large = publisher.publish(topic, new Uint8Array(1_048_576), history)
      await expect(within('its fate', large)).rejects.toMatchObject({ name: 'BackplaneError', kept: 'no' })
      await within('the next', publisher.publish(topic, text('small'), history))
    }
  })

  test.each(['swallowed', 'cut'])('what is %s in the middle of a pipeline is kept once and in order', async how => {
    await using middle = await Middle.start(() => server.port)
    await using one = await Node.open({ servers: middle.url, stallTimeout: 300 })
    await using other = await Node.open(servers)
    for (const bytes of [1, 77, 5_000, 33_333, 100_001]) {
      const topic = unique('pipeline')
      const follower = await Follower.on(other, topic)
      const downs = one.events.all.length
      middle.after(bytes, () => (how === 'cut' ? middle.cut() : middle.swallow()))
      const published = publishAll(one, topic, 1000)
      await one.events.until('down', all => all.length > downs)
      middle.heal()
      await within('all', published)
      await follower.untilOffset(1000)
      expect(follower.texts).toEqual(lines(1000))
      follower.checkWhole(1000)
    }
    expect(one.events.all).toEqual(Array.from({ length: 5 }, () => ['down', 'up']).flat())
  })
})

describe.skipIf(!isThere)('what it loses', () => {
  test('a server that has lost what it had said begins the topic anew, and all nodes are told', async () => {
    const server = await start()
    const [one, other] = [await Node.open(server.url), await Node.open(server.url)]
    const topics = [unique('shorter'), unique('as long')] as const
    const followers = await Promise.all(topics.flatMap(topic => [one, other].map(node => Follower.on(node, topic))))
    const publisher = new Publisher(one)
    for (const topic of topics) await publisher.publish(topic, text('a'))
    await server.stop()
    const restore = server.snapshot()
    await server.start()
    await Promise.all([one, other].map(({ events }) => events.until('up', all => all.length === 2)))
    for (const topic of topics) await publisher.publish(topic, text('b'))
    await Promise.all(followers.map(follower => follower.untilText('b')))
    await server.stop()
    restore()
    await server.start()
    // Somebody who has not seen the second one publishes another one in its place.
    const late = await Node.open(server.url)
    await new Publisher(late).publish(topics[1], text('c'))
    await Promise.all([one, other].map(({ events }) => events.until('up', all => all.length === 4)))
    await Promise.all(followers.map(follower => follower.untilEpochs(2)))
    for (const topic of topics) await publisher.publish(topic, text('d'))
    await Promise.all(followers.map(follower => follower.untilText('d')))
    for (const { epochs } of followers) expect(new Set(epochs).size).toBeGreaterThan(1)
    for (const [at, follower] of followers.entries()) expect(follower.epoch).toBe(followers[at ^ 1]?.epoch)
    await Promise.all([one, other, late].map(({ backplane }) => backplane.close()))
  })

  test('a topic that NATS has no room for waits, which is told, and goes on when there is; others go on meanwhile', async () => {
    const accounts = (most: number): string =>
      `accounts { A { jetstream: { max_streams: ${most} }, users: [{ user: a, password: b }] } }\n`
    const server = await start({ config: accounts(2) })
    await using node = await Node.open(`nats://a:b@127.0.0.1:${server.port}`)
    const here = await Follower.on(node, 'here')
    const follower = new Follower()
    const { ready } = node.backplane.consume('too many', HISTORY, follower)
    await node.trouble.until('trouble', all => all.length > 0)
    expect(node.trouble.all[0]).toBe('the topic too many waits: maximum number of streams reached')
    const publisher = new Publisher(node)
    await expect(publisher.publish('too many', text('x'))).rejects.toMatchObject({ kept: 'no' })
    await publisher.publish('here', text('a'))
    await here.untilText('a')
    expect(node.events.all).toEqual([])
    follower.end()
    void ready
  })

  test('a NATS that comes back and does not take us is told, without the password', async () => {
    let password = 'first'
    const server = await start({ configOf: () => `authorization { user: ada, password: ${password} }\n` })
    await using node = await Node.open(`nats://ada:first@127.0.0.1:${server.port}`)
    await server.stop()
    password = 'second'
    await server.start()
    await node.trouble.until('trouble', all => all.some(line => /refuses the credentials/.test(line)), 20_000)
    expect(node.trouble.all.join()).not.toMatch(/first|second/)
  })

  test('a server whose storage is all set aside keeps topics without a bound of bytes', async () => {
    const config = 'jetstream { max_file_store: 20MB }\n'
    const server = await start({ config })
    await using node = await Node.open(server.url)
    const publisher = new Publisher(node)
    for (const topic of ['a', 'b', 'c', 'd']) {
      expect(await within('its place', publisher.publish(topic, text('x')))).toMatchObject({ offset: 1 })
    }
  })
})
