/** `hotline bench` against servers that count, and against servers that are none for it. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type Handlers, refuse, type Server, serve } from 'hotline/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { within } from '../../../hotline/test/support/deadline.ts'
import type { Report } from '../../src/bench/report.ts'
import { file } from '../support/files.ts'
import { type Ended, type RunOptions, run, serving, start } from '../support/hotline.ts'
import { certificateFiles } from '../support/tls.ts'

/** What the server has counted, beside what the report says. */
const seen = { connections: 0, messages: 0, bytes: 0, text: 0 }

let server: Server
let url: string
let corrupted = 0
let shed = 0
let stalled = false

beforeEach(() => {
  Object.assign(seen, { connections: 0, messages: 0, bytes: 0, text: 0 })
  corrupted = shed = 0
  stalled = false
})

const counted: Handlers = {
  open: () => {
    seen.connections++
  },
  message: (socket, message) => {
    seen.messages++
    seen.bytes += message.length
    if (typeof message === 'string') seen.text++
    return socket.send(message)
  },
}

beforeAll(async () => {
  server = await serve({
    port: 0,
    report: () => {},
    maxMessage: 100_000,
    routes: {
      '/echo': counted,
      '/limited': { ...counted, protocols: ['chat'] },
      '/silent': { message: () => {} },
      '/ok': { message: socket => socket.send('ok') },
      '/greets': { open: socket => socket.send('welcome'), message: (socket, message) => socket.send(message) },
      '/room/:room': {
        message: (_, message) => {
          for (const socket of server.sockets) if (socket.params['room'] !== undefined) socket.send(message)
        },
      },
      '/corrupts': {
        message: (socket, message) => socket.send(++corrupted === 100 ? 'x'.repeat(message.length) : message),
      },
      '/sheds': {
        message: (socket, message) => (++shed === 100 ? void socket.close(1013, 'too much') : socket.send(message)),
      },
      '/late': {
        message: async (socket, message) => {
          await setTimeout(700)
          await socket.send(message)
        },
      },
      '/stalls': {
        message: (socket, message) => {
          if (!stalled) sleep(500)
          stalled = true
          return socket.send(message)
        },
      },
      '/refused': { authorize: () => refuse(401, 'sign in first') },
    },
  })
  url = server.url ?? ''
})
afterAll(() => server.close())

/** Stops the whole server, as a garbage collection or a slow query would. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

const SHORT = ['--duration', '0.3', '--warmup', '0.05']

const bench = (target: string, args: readonly string[] = [], options?: RunOptions): Promise<Ended> =>
  run(['bench', target, ...SHORT, ...args], '', options)

/** The report as a program reads it, and the exit code. */
async function reported(target: string, ...args: string[]): Promise<Report & { code: number | null; stderr: string }> {
  const { code, stdout, stderr } = await bench(target, ['--json', '-', ...args])
  return { ...(JSON.parse(stdout) as Report), code, stderr }
}

describe('the report says what the server counted', () => {
  test.each([
    ['one in flight on each connection', ['--connections', '7']],
    ['many in flight', ['-c', '3', '--pipeline', '16']],
    ['more connections than open at once', ['-c', '150']],
    ['a ramp', ['-c', '10', '--ramp', '0.2']],
    ['two threads', ['-c', '5', '--threads', '2']],
    ['bytes', ['-c', '5', '--binary', '--size', '1KiB']],
    ['large messages', ['-c', '2', '--size', '100000']],
    ['messages of a byte', ['-c', '2', '--size', '1']],
    ['the open loop', ['-c', '5', '--rate', '500']],
    ['the open loop with two threads', ['-c', '5', '--rate', '500', '--threads', '2']],
    ['compression', ['-c', '5', '--deflate', '--size', '1KiB']],
  ])('%s', async (_, args) => {
    const { code, stderr, totals, connections, settings, errors } = await reported(`${url}/echo`, ...args)
    expect({ code, stderr, errors }).toEqual({ code: 0, stderr: '', errors: [] })
    expect(connections).toMatchObject({ opened: seen.connections, failed: 0, lost: 0 })
    expect(connections.opened).toBe(Number(args[1]))
    expect(totals).toMatchObject({ sent: seen.messages, bytesSent: seen.bytes, bytesReceived: seen.bytes })
    expect(totals).toMatchObject({ answered: seen.messages, unanswered: 0, skipped: 0, foreign: 0, unsent: 0 })
    expect(seen.text).toBe(args.includes('--binary') ? 0 : seen.messages)
    expect(connections.compressed).toBe(args.includes('--deflate'))
    expect(seen.bytes).toBe(seen.messages * (settings['size'] as number))
  })

  test('what was measured is a part of it, and its latencies are as many', async () => {
    const { latency, totals, seconds, messagesPerSecond, histogram } = await reported(`${url}/echo`, '-c', '5')
    expect(seconds).toBeGreaterThan(0.29)
    expect(latency?.count).toBeLessThan(totals.answered)
    // An answer may come behind the end, and one from before it may come within.
    expect(Math.abs(messagesPerSecond * seconds - (latency?.count ?? 0))).toBeLessThanOrEqual(5 + seconds)
    expect(histogram.reduce((sum, { count }) => sum + count, 0)).toBe(latency?.count)
  })
})

describe('the open loop', () => {
  test('sends as many messages as the rate says', async () => {
    const { totals } = await reported(`${url}/echo`, '-c', '5', '--rate', '400')
    // 0.35 s of them, less what the start of the metronome takes.
    expect(totals.sent).toBeGreaterThan(80)
    expect(totals.sent).toBeLessThanOrEqual(200)
  })

  test('a server that stalls cannot hide it: what was due meanwhile waited', async () => {
    const args = ['-c', '2', '--pipeline', '1', '--warmup', '0', '--rate', '200', '--duration', '1']
    const { latency, code } = await reported(`${url}/stalls`, ...args)
    expect(code).toBe(0)
    // Half of the second stood still: without the wait that was due, only one message for each connection would show it.
    expect(latency?.p50).toBeLessThan(400)
    expect(latency?.p90).toBeGreaterThan(250)
    expect(latency?.max).toBeGreaterThan(450)
  })

  test('what could never be sent is told', async () => {
    const args = ['-c', '1', '--pipeline', '1', '--rate', '100', '--timeout', '1']
    const { code, stderr } = await reported(`${url}/late`, ...args)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^hotline bench: the server does not keep up with --rate 100: \d+ messages that were due/)
  })
})

test('an answer may take its time, as long as it comes before the deadline', async () => {
  const { code, totals, errors } = await reported(`${url}/late`, '-c', '3', '--warmup', '0')
  expect({ code, errors }).toEqual({ code: 0, errors: [] })
  expect(totals.answered).toBe(totals.sent)
})

describe('a server that is no echo is told in words', () => {
  test.each([
    [
      '/silent',
      ['--timeout', '0.5'],
      /^hotline bench: the server does not answer: nothing came back for 5 messages; name a route/,
    ],
    [
      '/ok',
      ['--timeout', '0.5'],
      /^hotline bench: the server is not an echo: 5 messages came, and none was what had been sent; name a route/,
    ],
    [
      '/room/a',
      [],
      /^hotline bench: the server sends more than it gets: [\d,]+ messages came for [\d,]+ sent, as in a room/,
    ],
    [
      '/corrupts',
      ['--timeout', '0.5'],
      /^hotline bench: the server is not a clean echo: 1 of its messages were not what had been sent/,
    ],
    ['/corrupts', ['--pipeline', '4'], /were not what had been sent, and 1 were overtaken/],
    [
      '/sheds',
      [],
      /^hotline bench: 1 connection of 5 ended early: the server closed with 1013: too much; it sheds load: lower --connections/,
    ],
    [
      '/echo',
      ['--size', '100001'],
      /^hotline bench: 5 connections of 5 ended early: the server closed with 1009: .*; the messages are too big for it: lower --size/,
    ],
  ])('%s %j', async (path, args, words) => {
    const { code, stderr, stdout } = await bench(`${url}${path}`, ['--no-live', '-c', '5', ...args])
    expect(stderr).toMatch(words)
    expect(stderr.trimEnd()).not.toContain('\n')
    expect(code).toBe(1)
    expect(stdout).toContain('Connections')
  })

  test('long before the end of the run, where it is plain', async () => {
    const running = run(['bench', `${url}/room/a`, '--no-live', '-d', '60', '-c', '5'])
    expect((await within('the end of the run', running)).code).toBe(1)
  })

  test('a greeting is none of the answers', async () => {
    const { code, findings, totals } = await reported(`${url}/greets`, '-c', '3')
    expect(code).toBe(0)
    expect(totals).toMatchObject({ foreign: 3, greetings: 3 })
    expect(findings.map(({ kind }) => kind)).toContain('greeting')
  })

  test('frames that are none fail the connections', async () => {
    const garbage = createHttpServer().on('upgrade', (request, socket) => {
      const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
      const accept = createHash('sha1').update(key).digest('base64')
      const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
      socket.on('error', () => {}).on('data', () => socket.write(Buffer.from('ffff0102', 'hex')))
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields.join('\r\n')}\r\n\r\n`)
    })
    const target = await listening(garbage)
    const { code, stderr } = await bench(target, ['-c', '2', '--json', '-'])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'hotline bench: 2 connections of 2 ended early: reserved bits must be 0\n',
    })
    garbage.close()
  })
})

async function listening(listener: TcpServer): Promise<string> {
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  return `ws://127.0.0.1:${(listener.address() as AddressInfo).port}`
}

describe('no connection is exit code 3, and one line', () => {
  test.each([
    ['/nowhere', /^hotline bench: the server refused with 404 Not Found/],
    ['/refused', /^hotline bench: the server refused with 401 Unauthorized: sign in first$/m],
  ])('%s', async (path, words) => {
    const { code, stderr, stdout } = await bench(`${url}${path}`)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(words)
  })

  test('nobody there, nobody who answers, nobody who speaks TLS', async () => {
    const mute = createTcpServer(socket => socket.on('error', () => {}))
    const target = await listening(mute)
    const late = await bench(target, ['--timeout', '0.3'])
    expect([late.code, late.stderr]).toEqual([
      3,
      expect.stringMatching(/no answer from 127.* within 0\.3 s \(--timeout\)/),
    ])
    mute.close()
    const gone = await bench(target)
    expect([gone.code, gone.stderr]).toEqual([3, expect.stringMatching(/nothing listens on 127/)])
    const plain = await bench(`${url.replace('ws:', 'wss:')}/echo`)
    expect([plain.code, plain.stderr]).toEqual([3, expect.stringMatching(/does not speak TLS; perhaps it wants ws:/)])
  })

  test('a certificate that nobody knows', async () => {
    const { cert, key } = await certificateFiles()
    await using secure = await serving('--tls-cert', cert, '--tls-key', key, '--quiet')
    const unknown = await bench(`${secure.url}/echo`, ['-c', '2'])
    expect([unknown.code, unknown.stderr]).toEqual([
      3,
      expect.stringMatching(/not trusted; name its authority with --ca/),
    ])
    for (const trust of [['--ca', cert], ['--insecure']])
      expect(await reported(`${secure.url}/echo`, '-c', '2', ...trust)).toMatchObject({ code: 0, errors: [] })
  })
})

describe('a wrong command line is exit code 2, and one line', () => {
  test.concurrent.each([
    [['nonsense'], "'nonsense' is not a URL"],
    [['ftp://127.0.0.1/'], 'the URL must begin with ws:, wss:, http: or https:, not ftp:'],
    [['ws://x/', '--rate', '0'], 'it must be messages a second, above 0'],
    [['ws://x/', '--duration', '0'], 'it must be seconds'],
    [['ws://x/', '--duration', '1e9'], 'it must be seconds'],
    [['ws://x/', '--connections', '-5'], 'it must be a number from 1 to 100000'],
    [['ws://x/', '--connections', '99999999999999999999'], 'it must be a number from 1 to 100000'],
    [['ws://x/', '--pipeline', '0'], 'it must be a number from 1 to 100000'],
    [['ws://x/', '--size', '0'], 'it must be a size from 1 byte'],
    [['ws://x/', '--size', '400MB', '-c', '10'], 'are more than 2 GiB; lower --connections, --pipeline or --size'],
    [['ws://x/', '--threads', '51'], '--threads 51 is more than there are connections'],
    [['ws://x/', '--text', '--binary'], "option '--text' cannot be used with option '--binary'"],
    [['ws://x/', '--ca', '/nowhere/ca.pem'], 'cannot read --ca /nowhere/ca.pem: there is no such file'],
    [
      ['ws://x/', '--json', '/nowhere/report.json'],
      'cannot write --json /nowhere/report.json: there is no such folder',
    ],
    [['ws://x/', '-H', 'Upgrade: x'], 'header Upgrade belongs to the handshake'],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await run(['bench', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr.trimEnd()).not.toContain('\n')
  })
})

describe('what is shown', () => {
  test('the report for people, on standard output and without colours', async () => {
    const { code, stdout, stderr } = await bench(`${url}/echo`, ['-c', '5', '--no-live'], { env: { FORCE_COLOR: '1' } })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(
      `${url}/echo: 5 connections, 1 in flight on each, text of 64 bytes, 0.3 s after 0.05 s of warm-up`,
    )
    expect(stdout).toMatch(/^Connections {2}5 of 5 opened in .*; each took .* \(p50\), .* \(p99\)$/m)
    expect(stdout).toMatch(/^Throughput {3}[\d,]+ messages\/s; .*B\/s sent, .*B\/s received$/m)
    expect(stdout).toMatch(/min +p50 +p90 +p99 +p99\.9 +max/)
    expect(stdout).toMatch(/█ +\d+\.\d\d % +[\d,]+$/m)
    expect(stdout).toMatch(/^Client +1 thread busy \d+ %/m)
    expect(stdout).toMatch(/^Errors +none$/m)
    expect(stdout).not.toContain('\u001b')
  })

  test('where there is no terminal, a line each second on standard error', async () => {
    const { stderr } = await bench(`${url}/echo`, ['-c', '5', '--duration', '2.2'])
    expect(stderr.split('\n').length).toBeGreaterThanOrEqual(3)
    for (const line of stderr.trimEnd().split('\n')) expect(line).toMatch(/^\d s [a-z ]+; 5 open; [\d,]+ messages\/s/)
  })

  test('--json FILE writes the report beside the one for people', async () => {
    const path = file('report.json', '')
    const { stdout } = await bench(`${url}/echo`, ['-c', '5', '--json', path, '--no-live'])
    expect(stdout).toMatch(/^Throughput/m)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ ok: true, url: `${url}/echo`, ended: 'done' })
  })

  test('a subprotocol that is chosen, and one that is not', async () => {
    expect((await reported(`${url}/limited`, '-c', '2', '-p', 'chat')).connections.protocol).toBe('chat')
    const { findings } = await reported(`${url}/echo`, '-c', '2', '-p', 'chat')
    expect(findings.map(({ kind }) => kind)).toContain('no subprotocol')
  })

  test('header fields, which may be secret, are not in the report', async () => {
    const { stdout } = await bench(`${url}/echo`, ['-c', '2', '--json', '-', '-H', 'Authorization: Bearer abcdef'])
    expect(stdout).not.toContain('abcdef')
  })
})

describe('Ctrl+C', () => {
  test('ends early, with the report', async () => {
    await using running = start(['bench', `${url}/echo`, '-c', '5', '--duration', '60', '--warmup', '0'])
    await running.err.until('a line of what is measured', all => all.some(line => line.includes('measuring')))
    running.process.kill('SIGINT')
    const { code, stdout } = await running.ended()
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Throughput {3}[\d,]+ messages\/s/m)
  })

  test('before anything is measured is said to be that', async () => {
    await using running = start(['bench', `${url}/echo`, '-c', '5', '--warmup', '60'])
    await running.err.until('a line of the warm-up', all => all.some(line => line.includes('warming up')))
    running.process.kill('SIGINT')
    const { code, stderr } = await running.ended()
    expect(code).toBe(1)
    expect(stderr).toMatch(/it was ended before anything was measured\n$/)
  })

  test('a second one does not wait for the last answers', async () => {
    await using running = start(['bench', `${url}/silent`, '-c', '5', '--warmup', '0'])
    await running.err.until('a line of what is measured', all => all.some(line => line.includes('measuring')))
    running.process.kill('SIGINT')
    await running.err.until('the wait for the last answers', all => all.some(line => line.includes('last answers')))
    running.process.kill('SIGINT')
    expect((await running.ended()).code).toBe(1)
  })
})
