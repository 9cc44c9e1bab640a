/** `hotline verify` as it is typed: what it prints and writes, and how it ends. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openSocket } from 'hotline/client'
import { describe, expect, test } from 'vitest'
import { blocks, root } from '../../../../test/support/documents.ts'
import type { Report } from '../../src/verify/report/report.ts'
import { file } from '../support/files.ts'
import { type Ended, Running, run, serving, start } from '../support/hotline.ts'
import { Relay } from '../support/relay.ts'
import { certificateFiles } from '../support/tls.ts'
import { visit } from '../verify/client.ts'
import { EchoServer } from '../verify/server.ts'

const verify = (...args: string[]): Promise<Ended> => run(['verify', ...args])

describe('a server', () => {
  test('that keeps to the standard passes, and the exit code says so', async () => {
    await using server = new EchoServer()
    const { href } = await server.listen()
    const { code, stdout, stderr } = await verify(href, '--only', '7.1,1.1')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^ 1 Frames.* 14 +· +· +·$/m)
    expect(stdout).toMatch(/^All +21 +· +· +·$/m)
  })

  test('runs as many cases at a time as may be, and no warning of Node stands among what is said', async () => {
    await using server = new EchoServer()
    const { href } = await server.listen()
    expect(await verify(href, '--only', '1.*,2.*', '--parallel', '64')).toMatchObject({ code: 0, stderr: '' })
  })

  test('that does not is told which cases it failed, by which clause, and why', async () => {
    await using server = new EchoServer('answers no Pings')
    const { href } = await server.listen()
    const { code, stdout, stderr } = await verify(href, '--only', '2.1.1', '--timeout', '0.4')
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'hotline verify: 1 of 1 cases failed\n' })
    expect(stdout).toContain('strict-fail 2.1.1 a Ping without a payload (RFC 6455 §5.5.2, §5.5.3; silence)')
    expect(stdout).toContain('the Ping was not answered')
  })

  test('that accepts connections and says nothing does not hang the run, preflight or not', async () => {
    const server = createServer(socket => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const args = [`ws://127.0.0.1:${port}`, '--only', '1.1.1,10.1.1', '--timeout', '0.3']
    const first = await verify(...args)
    const { code, stdout } = await verify(...args, '--no-preflight')
    server.close()
    expect(first).toMatchObject({ code: 3, stdout: '' })
    expect(first.stderr).toContain(`no answer from 127.0.0.1:${port} within 0.3 s (--timeout)`)
    expect(code).toBe(1)
    expect(stdout).toContain('never opened')
  })

  test('over TLS, with a certificate that is trusted by --ca', async () => {
    const { cert, key } = await certificateFiles()
    await using server = await serving('--tls-cert', cert, '--tls-key', key)
    const { code, stdout } = await verify(`${server.url}/echo`, '--ca', cert, '--only', '1.1,7.1')
    expect(stdout).toMatch(/^All +21 +· +· +·$/m)
    expect(code).toBe(0)
  })
})

describe('reports', () => {
  test('--json - is the report and nothing else, in the order of the numbers, with the bytes of each case', async () => {
    await using server = new EchoServer()
    const { href } = await server.listen()
    const report: Report = JSON.parse((await verify(href, '--only', '2.1,1.1', '--json', '-')).stdout)
    expect(report).toMatchObject({ format: 1, role: 'server', peer: href, verdicts: { pass: 26, 'strict-fail': 0 } })
    expect(report.results.map(({ id }) => id).slice(12, 16)).toEqual(['1.1.13', '1.1.14', '2.1.1', '2.1.2'])
    const ping = report.results.find(({ id }) => id === '2.1.2')
    expect(ping?.exchange).toContainEqual(
      expect.objectContaining({ from: 'suite', hex: expect.stringMatching(/^898d/), size: 19 }),
    )
    expect(ping?.exchange).toContainEqual(
      expect.objectContaining({ from: 'peer', hex: expect.stringMatching(/^8a0d/) }),
    )
  })

  test('--html is a page, in which what a peer sent is only text', async () => {
    await using server = new EchoServer('agrees to a subprotocol that was not asked for')
    const { href } = await server.listen()
    const page = file('report.html', '')
    await verify(`${href}?<script>`, '--only', '7.1', '--html', page)
    const html = readFileSync(page, 'utf8')
    expect(html).toMatch(/^<!doctype html>/)
    expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="text/plain" id="results">', '<script type="module">'])
  })

  test('--compare says what became worse, and fails for it', async () => {
    await using server = new EchoServer()
    const { href } = await server.listen()
    const old = file('old.json', '')
    expect((await verify(href, '--only', '7.1.1,2.1.1', '--json', old)).code).toBe(0)
    expect((await verify(href, '--only', '7.1.1,2.1.1', '--compare', old)).code).toBe(0)
    await using worse = new EchoServer('answers no Pings')
    const { stdout } = await verify(
      (await worse.listen()).href,
      '--only',
      '2.1.1',
      '--compare',
      old,
      '--timeout',
      '0.3',
    )
    expect(stdout).toContain('Worse: 2.1.1 a Ping without a payload: was pass, is strict-fail')
    writeFileSync(old, '{}')
    expect(await verify(href, '--compare', old)).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('a server that cannot be checked is told so in one line, and no case is run', () => {
  const answering = async (answer: string): Promise<{ url: string } & AsyncDisposable> => {
    const server = createServer(socket => {
      socket.on('error', () => {}).once('data', () => socket.end(answer))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    return {
      url: `ws://127.0.0.1:${port}/chat`,
      [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')),
    }
  }

  test.each([
    ['HTTP/1.1 404 Not Found\r\n\r\n', 'there is nothing at /chat; name the path that echoes'],
    ['HTTP/1.1 401 Unauthorized\r\n\r\n', "say who you are with --header 'Authorization: …'"],
    ['HTTP/1.1 403 Forbidden\r\n\r\n', 'the origin of a page that it knows (--origin)'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'perhaps it wants a subprotocol (--protocol)'],
    ['HTTP/1.1 426 Upgrade Required\r\n\r\n', 'a proxy takes the Upgrade away'],
    [
      'HTTP/1.1 301 Moved\r\nLocation: wss://other/echo\r\n\r\n',
      'name the URL to which it sends you: wss://other/echo',
    ],
    ['HTTP/1.1 200 OK\r\n\r\n<html>', 'that is a page, no WebSocket'],
    ['HTTP/1.1 503 Busy\r\n\r\n', 'it is not ready'],
    ['SSH-2.0-server\r\n', 'does not speak HTTP: it says "SSH-2.0-server\\r\\n"'],
    ['', 'hung up without an answer; perhaps it wants wss://'],
  ])('%j', async (answer, advice) => {
    await using server = await answering(answer)
    const { code, stdout, stderr } = await verify(server.url)
    expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({ code: 3, stdout: '', lines: 2 })
    expect(stderr).toContain(advice)
  })

  test('one that opens the line and sends nothing back is no echo', async () => {
    await using server = new EchoServer('echoes nothing')
    const { href } = await server.listen()
    const { code, stderr } = await verify(href, '--timeout', '0.3')
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `hotline verify: ${href} is no echo: it was sent a message and nothing came within 0.3 s; name a URL that echoes, or check it all the same with --no-preflight\n`,
    })
  })

  test('one that goes away in the middle is told with the case, and what was seen until then', async () => {
    await using server = new EchoServer()
    await using relay = new Relay(Number((await server.listen()).port), 4)
    const { href } = await relay.listen()
    const { code, stdout, stderr } = await verify(href, '--only', '1.1', '--parallel', '1')
    const lost = 'hotline verify: lost the server at case 1.1.4, 3 of 14 cases were run: cannot connect to '
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(lost) })
    expect(stdout).toMatch(/^All +3 /m)
  })
})

test('headers, subprotocols, the origin and who one is stand in every request, also in one that a case writes whole', async () => {
  await using server = new EchoServer()
  await using relay = new Relay(Number((await server.listen()).port))
  const url = (await relay.listen()).href.replace('//', '//me:secret@')
  const more = ['-H', 'X-Key: 1', '--protocol', 'chat', '-p', 'soap', '--origin', 'https://example.com']
  await verify(url, '--no-preflight', '--only', '1.1.1,10.1.4', ...more)
  expect(relay.beginnings.all).toHaveLength(2)
  for (const head of relay.beginnings.all) {
    expect(head).toContain('\r\nX-Key: 1\r\n')
    expect(head).toContain('\r\nSec-WebSocket-Protocol: chat, soap\r\n')
    expect(head).toContain('\r\nOrigin: https://example.com\r\n')
    expect(head).toContain('\r\nAuthorization: Basic bWU6c2VjcmV0\r\n')
  }
})

test('a report has no password, neither of the URL nor of a header', async () => {
  await using server = new EchoServer()
  const url = (await server.listen()).href.replace('//', '//me:secret@')
  const { stdout } = await verify(url, '--only', '1.1.1,10.1.4', '--json', '-', '-H', 'X-Key: another')
  const { peer, results } = JSON.parse(stdout) as Report
  const sent = results.flatMap(({ exchange }) => exchange.map(({ hex }) => Buffer.from(hex, 'hex').toString('latin1')))
  expect(peer).not.toMatch(/secret|me:/)
  expect(sent.filter(bytes => /bWU6c2VjcmV0|another/.test(bytes))).toEqual([])
  expect(sent.filter(bytes => /X-Key: \*{7}\r\n/.test(bytes))).toHaveLength(2)
})

test('a run that is interrupted ends with the report of what was run', async () => {
  await using server = new EchoServer('answers no Pings')
  await using relay = new Relay(Number((await server.listen()).port))
  const { href } = await relay.listen()
  await using running = start(['verify', href, '--only', '1.1.1,2.1.1', '--parallel', '1', '--timeout', '60'])
  await relay.beginnings.until('the second case, after the preflight', () => relay.beginnings.all.length === 3)
  running.process.kill('SIGINT')
  const { code, stdout, stderr } = await running.ended()
  const told = 'hotline verify: it was ended early: 1 of 2 cases were run\n'
  expect({ code, stderr }).toEqual({ code: 1, stderr: told })
  expect(stdout).toMatch(/^All +1 /m)
})

test('--list shows the cases and runs none', async () => {
  const both = await verify('--list', '--only', '1.9.1,11.1.1')
  expect(both).toMatchObject({ code: 0, stderr: '' })
  expect(both.stdout).toMatch(/^1\.9\.1 .*\(RFC 6455 §5\.1.*\)$/m)
  expect(both.stdout).toMatch(/^11\.1\.1 .*clients only\)$/m)
  const servers = await verify('ws://127.0.0.1:1', '--list', '--only', 'handshake')
  expect(servers.stdout).not.toMatch(/^11\./m)
  expect(servers.stdout).toMatch(/^10\.1\.1 /m)
})

test('--fail-on says which verdicts matter to the exit code, and --name what the server is called', async () => {
  await using server = new EchoServer('answers no Pings')
  const { href } = await server.listen()
  const args = [href, '--only', '2.1.1', '--timeout', '0.3']
  const { code, stdout } = await verify(...args, '--fail-on', 'never', '--name', 'mine')
  expect(code).toBe(0)
  expect(stdout).toContain(`mine, ${href}: a server, 1 case\n`)
})

describe('a client', () => {
  const listening = async (...args: string[]): Promise<{ running: Running; url: string }> => {
    const running = start(['verify', '--listen', '0', ...args])
    const url = await running.out.find('the URL', (line): line is string => /^wss?:/.test(line))
    return { running, url }
  }
  const runCases = async (url: string, agent: string, count: number): Promise<void> => {
    for (let number = 1; number <= count; number++) await visit(new URL(`${url}/runCase?case=${number}&agent=${agent}`))
  }

  test('is told how many cases there are, runs each, and its report is printed when it asks', async () => {
    const { running, url } = await listening('--only', '1.1')
    await using listener = running
    await runCases(url, 'peer', 14)
    await visit(new URL(`${url}/updateReports?agent=peer`))
    await listener.out.until('the report', () => listener.out.all.some(line => /^All +14 +· +· +·$/.test(line)))
    listener.process.kill('SIGTERM')
    expect((await listener.ended()).code).toBe(0)
  })

  test('with --once the command ends with it, and with its exit code', async () => {
    const { running, url } = await listening('--only', '1.1', '--once')
    await using listener = running
    await runCases(url, 'peer', 14)
    await visit(new URL(`${url}/updateReports?agent=peer`))
    expect(await listener.ended()).toMatchObject({ code: 0, stderr: '' })
  })

  test('that did not run all cases has not passed', async () => {
    const { running, url } = await listening('--only', '1.1', '--once')
    await using listener = running
    await runCases(url, 'peer', 3)
    await visit(new URL(`${url}/updateReports?agent=peer`))
    const { code, stdout, stderr } = await listener.ended()
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'hotline verify: 11 of 14 cases were not run\n' })
    expect(stdout).toContain('peer: a client, 3 of 14 cases\n')
  })

  test('is kept apart from others, and each report has a file of its own', async () => {
    const path = file('report-{agent}.json', '')
    const { running, url } = await listening('--only', '1.1', '--json', path)
    await using listener = running
    await Promise.all([runCases(url, 'one', 14), runCases(url, 'two/3', 14), runCases(url, 'three', 2)])
    await visit(new URL(`${url}/updateReports?agent=one`))
    await visit(new URL(`${url}/updateReports?agent=two/3`))
    listener.process.kill('SIGINT')
    const { code, stderr } = await listener.ended()
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'hotline verify: three: 12 of 14 cases were not run\n' })
    for (const [name, peer, count] of [
      ['one', 'one', 14],
      ['two_3', 'two/3', 14],
      ['three', 'three', 2],
    ] as const) {
      const report: Report = JSON.parse(readFileSync(path.replace('{agent}', name), 'utf8'))
      expect(report).toMatchObject({ peer, role: 'client', chosen: 14, verdicts: { pass: count } })
    }
  })

  test('can be the one of the guide, which is whole', async () => {
    const [block] = blocks('docs/guide/verify.md').filter(({ language }) => language === 'js')
    const library = pathToFileURL(join(root, 'packages/hotline/dist/index.js')).href
    const named = `import { WebSocket } from ${JSON.stringify(library)}\n${block?.code}`
    const { running, url } = await listening('--only', '1.1', '--once')
    await using listener = running
    await using client = new Running(process.execPath, [file('client.mjs', named), url])
    expect(await client.ended()).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await listener.ended()).toMatchObject({ code: 0, stderr: '' })
  })

  test('over TLS, with the options of hotline serve', async () => {
    const { cert, key } = await certificateFiles()
    const { running, url } = await listening('--only', '1.1.1', '--once', '--tls-cert', cert, '--tls-key', key)
    await using listener = running
    expect(url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/)
    const socket = await openSocket(`${url}/runCase?case=1&agent=peer`, { tls: { ca: readFileSync(cert) } })
    for await (const message of socket) await socket.send(message)
    const last = await openSocket(`${url}/updateReports?agent=peer`, { tls: { ca: readFileSync(cert) } })
    await last.closed
    expect(await listener.ended()).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a command line that is wrong ends with 2 and says what to do', () => {
  test.each([
    [[], 'name either a URL or --listen <port>'],
    [['ws://127.0.0.1:1', '--listen', '0'], 'name either a URL or --listen <port>'],
    [['nonsense'], 'nonsense is no URL of a WebSocket server'],
    [['ws://127.0.0.1:1', '--only', '99'], 'there is no case 99 for a server'],
    [['--listen', '0', '--only', '10'], 'there is no case 10 for a client'],
    [['ws://127.0.0.1:1', '--parallel', '0'], 'It must be a number from 1 to 64'],
    [['ws://127.0.0.1:1', '--compare', 'nowhere.json'], 'cannot read --compare nowhere.json'],
    [['ws://127.0.0.1:1', '--json', '/nowhere/report.json'], 'cannot write --json /nowhere/report.json'],
    [['localhost:8080/echo'], 'did you mean ws://localhost:8080/echo?'],
    [['ws://127.0.0.1:1', '--only', 'nonsense'], 'there is no case nonsense for a server; hotline verify --list'],
    [['ws://127.0.0.1:1', '--only', '1', '--exclude', 'frames'], '--exclude leaves no case for a server to run'],
    [['ws://127.0.0.1:1', '--once'], '--once needs --listen <port>'],
    [['ws://127.0.0.1:1', '--tls-self-signed'], '--tls-self-signed needs --listen <port>'],
    [['--listen', '0', '--header', 'A: b'], '--header needs a URL'],
    [['--listen', '0', '--tls-cert', 'cert.pem'], '--tls-cert needs --tls-key beside it'],
    [['ws://127.0.0.1:1', '--header', 'Sec-WebSocket-Key: x'], 'subprotocols have an option of their own, --protocol'],
    [['ws://a%:b@127.0.0.1:1'], 'the name and the password in the URL are not percent-encoded'],
    [['ws://127.0.0.1:1', '--protocol', 'a b'], '--protocol a b is no token'],
    [['ws://127.0.0.1:1', '--origin', 'a\r\nb'], 'is no origin, such as https://example.com'],
    [['ws://127.0.0.1:1', '--fail-on', 'pass'], 'Allowed choices are strict-fail, lenient, never'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await verify(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.toLowerCase()).toContain(message.toLowerCase())
  })
})

test('a server that is not there ends with 3', async () => {
  expect(await verify('ws://127.0.0.1:1')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('cannot connect to ws://127.0.0.1:1/'),
  })
})
