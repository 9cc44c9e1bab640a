/** The example as a reader runs it, but shorter, and from its source: real nginx, a real engine, and three servers. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, inject, test } from 'vitest'
import { freePorts, Node } from './processes.js'

const [nginx, redis, nats] = [inject('nginx'), inject('redis'), inject('nats')]
const script = fileURLToPath(new URL('rolling.js', import.meta.url))
const environment = { ...process.env, NGINX_PATH: nginx, REDIS_SERVER_PATH: redis, NATS_SERVER_PATH: nats }

const rolling = async (...options: string[]) =>
  promisify(execFile)(process.execPath, [script, ...options], { env: environment })

describe.each([
  ['redis', redis],
  ['nats', nats],
])('three servers behind nginx, over %s', (backplane, path) => {
  test.skipIf(nginx === undefined || path === undefined)(
    'are replaced one after the other while 40 clients read and publish: nothing is lost, and nobody is refused',
    async () => {
      const options = ['--json', '--clients', '40', '--rate', '60', '--spread', '1', '--backplane', backplane]
      const { publications, delivered, lines, replaced, ...counts } = JSON.parse((await rolling(...options)).stdout)
      expect(counts).toMatchObject({
        lost: 0,
        doubled: 0,
        disordered: 0,
        passed: 0,
        unrecovered: 0,
        reasons: {},
        slow: 0,
        refused: 0,
        failed: 0,
      })
      expect(publications).toBeGreaterThan(100)
      expect(delivered).toBe(publications * 40)
      expect(replaced).toHaveLength(3)
      const ends = replaced as Record<'closed' | 'left' | 'terminated' | 'refused', number>[]
      expect(ends.map(({ left, terminated }) => left + terminated)).toEqual([0, 0, 0])
      // Somebody came back while the server that closed his line was still there: nginx tried the next one.
      expect(ends.reduce((all, { refused }) => all + refused, 0)).toBeGreaterThan(0)
      expect(lines.reduce((all: number, one: number) => all + one, 0)).toBe(40)
    },
  )
})

describe('a node', () => {
  test('reports how it ended, whatever else it writes', async () => {
    const [port = 0] = await freePorts(1)
    const loud = `process.once('exit', () => console.error('{ what is no report'))`
    const settings = { SPREAD: '0', NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(loud)}` }
    const node = await new Node(port, settings).ready()
    expect(await node.drain()).toMatchObject({ closed: 0, left: 0, terminated: 0 })
    expect(node.child.lines).toContain('{ what is no report')
  })

  test('that was killed has no report, and what it wrote last is told', async () => {
    const [port = 0] = await freePorts(1)
    const node = await new Node(port, {}).ready()
    await node.child.stop('SIGKILL')
    await expect(node.drain()).rejects.toThrow(/^a node ended without a report: .*ws:\/\/127/)
  })

  test('that gives up a request is asked again how it is', async () => {
    let asked = 0
    const busy = createServer((_request, response) => {
      if (++asked < 3) response.writeHead(408).end()
      else response.writeHead(503).end('{"sockets":7}')
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => busy.once('listening', resolve))
    const { port } = busy.address() as AddressInfo
    expect(await Node.prototype.health.call({ port } as Node)).toEqual({ sockets: 7 })
    busy.close()
  })
})

test('without nginx says in one line what is missing', async () => {
  const run = promisify(execFile)(process.execPath, [script, '--backplane', 'none'], {
    env: { ...environment, NGINX_PATH: '/nowhere/nginx' },
  })
  await expect(run).rejects.toMatchObject({
    code: 2,
    stderr: 'rolling: nginx is not here: apt-get install nginx, or set NGINX_PATH to its path\n',
  })
})
