/** `hotline verify` as it is typed: what it prints and writes, and how it ends. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/verify/report/report.ts'
import { file } from '../support/files.ts'
import { type Ended, run, serving, start } from '../support/hotline.ts'
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

  test('that does not is told which cases it failed, by which clause, and why', async () => {
    await using server = new EchoServer('answers no Pings')
    const { href } = await server.listen()
    const { code, stdout, stderr } = await verify(href, '--only', '2.1.1', '--timeout', '0.4')
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'hotline verify: 1 of 1 cases failed\n' })
    expect(stdout).toContain('strict-fail 2.1.1 a Ping without a payload (RFC 6455 §5.5.2, §5.5.3; silence)')
    expect(stdout).toContain('the Ping was not answered')
  })

  test('that accepts connections and says nothing does not hang the run', async () => {
    const server = createServer(socket => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { code, stdout } = await verify(`ws://127.0.0.1:${port}`, '--only', '1.1.1,10.1.1', '--timeout', '0.3')
    server.close()
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

  test('--html is a page with a part for each case, in which what a peer sent is only text', async () => {
    await using server = new EchoServer('agrees to a subprotocol that was not asked for')
    const { href } = await server.listen()
    const page = file('report.html', '')
    await verify(`${href}?<script>`, '--only', '7.1', '--html', page)
    const html = readFileSync(page, 'utf8')
    expect(html.match(/<details id="case-7\.1\.\d+" open>/g)).toHaveLength(7)
    expect(html).not.toContain('<script')
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

describe('a client', () => {
  test('is told how many cases there are, runs each, and its report is printed when it asks', async () => {
    await using listening = start(['verify', '--listen', '0', '--only', '1.1'])
    const url = await listening.out.find('the URL', (line): line is string => line.startsWith('ws:'))
    for (let number = 1; number <= 14; number++) await visit(new URL(`${url}/runCase?case=${number}&agent=peer`))
    await visit(new URL(`${url}/updateReports?agent=peer`))
    await listening.out.until('the report', () => listening.out.all.some(line => /^All +14 +· +· +·$/.test(line)))
    listening.process.kill('SIGTERM')
    expect((await listening.ended()).code).toBe(0)
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
