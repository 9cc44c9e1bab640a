/** What docs/deploy has is run where it can be: proxies in front of real servers; the rest is read as its program would. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { describe, expect, inject, test } from 'vitest'
import { WebSocket } from 'ws'
import { parseAllDocuments } from 'yaml'
import { type CloseOptions, type Server, serve } from '../packages/hotline/src/server/index.ts'
import { within } from '../packages/hotline/test/support/deadline.ts'
import { compile } from './support/compile.ts'
import { read, root } from './support/documents.ts'
import { caddy, haproxy, nginx, type StartProxy } from './support/proxies.ts'

/** A server that says who came, as the documents have its health check. */
async function node(): Promise<Server> {
  const server: Server = await serve({
    port: 0,
    trustProxy: ['127.0.0.1'],
    request: (_request, response) => void response.writeHead(server.draining ? 503 : 200).end(),
    routes: {
      '/echo': { message: (socket, message) => socket.send(message) },
      '/who': { open: socket => socket.send(`${socket.remoteAddress} ${socket.request.url.href}`) },
    },
  })
  return server
}

const threeNodes = async (): Promise<Server[]> => [await node(), await node(), await node()]

const portsOf = (nodes: readonly Server[]): number[] => nodes.map(({ port = 0 }) => port)

/** An open line, or the status that it was refused with. */
async function open(url: string, options: WebSocket.ClientOptions = {}): Promise<WebSocket | number> {
  const socket = new WebSocket(url, options)
  socket.on('error', () => {})
  const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode)
  return within('an answer', Promise.race([once(socket, 'open').then(() => socket), refused]), 20_000)
}

async function echo(socket: WebSocket, text: string): Promise<string> {
  socket.send(text)
  const [answer] = await within('an echo', once(socket, 'message'))
  return String(answer)
}

const proxies: [name: string, path: string | undefined, start: StartProxy, close: CloseOptions][] = [
  ['nginx', inject('nginx'), nginx, { spread: 1_500 }],
  ['HAProxy', inject('haproxy'), haproxy, { spread: 1_500 }],
  // Caddy sends on what a server answers: it has to know before. It looks every second.
  ['Caddy', inject('caddy'), caddy, { notice: 3_000, spread: 1_500 }],
]

describe.each(proxies)('behind %s, with the configuration of the documents', (_, path, start, close) => {
  test.skipIf(path === undefined)('the server knows who came, whatever he says himself', async () => {
    const nodes = await threeNodes()
    await using proxy = await start(path as string, portsOf(nodes))
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/who`, {
      localAddress: '127.0.0.7',
      headers: { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.example' },
    })
    const [who] = await within('who it is', once(socket, 'message'))
    expect(String(who)).toBe(`127.0.0.7 ws://127.0.0.1:${proxy.port}/who`)
    socket.terminate()
    await Promise.all(nodes.map(one => one.close({ within: 1_000 })))
  })

  test.skipIf(path === undefined)('pages of its own address may connect, and others may not', async () => {
    const nodes = await threeNodes()
    await using proxy = await start(path as string, portsOf(nodes))
    const url = `ws://127.0.0.1:${proxy.port}/echo`
    const own = await open(url, { origin: `http://127.0.0.1:${proxy.port}` })
    expect(own).toBeInstanceOf(WebSocket)
    expect(await echo(own as WebSocket, 'hello')).toBe('hello')
    expect(await open(url, { origin: 'http://127.0.0.1' })).toBe(403)
    ;(own as WebSocket).terminate()
    await Promise.all(nodes.map(one => one.close({ within: 1_000 })))
  })

  test.skipIf(path === undefined)(
    'a server that drains refuses nobody that the proxy can send elsewhere',
    async () => {
      const nodes = await threeNodes()
      const [leaving, ...staying] = nodes as [Server, Server, Server]
      await using proxy = await start(path as string, portsOf(nodes))
      const url = `ws://127.0.0.1:${proxy.port}/echo`
      const lines = (await Promise.all(Array.from({ length: 12 }, () => open(url)))) as WebSocket[]
      expect(nodes.map(({ sockets }) => sockets.size)).toEqual([4, 4, 4])
      const codes: number[] = []
      for (const line of lines) line.once('close', code => codes.push(code))
      let over = false
      const closing = leaving.close(close).finally(() => (over = true))
      const answers: unknown[] = []
      const newcomers: WebSocket[] = []
      while (!over || answers.length < 20) {
        const answer = await open(url)
        answers.push(typeof answer === 'number' ? answer : 101)
        if (typeof answer === 'number') continue
        newcomers.push(answer)
        answer.terminate()
      }
      expect(new Set(answers)).toEqual(new Set([101]))
      expect(await closing).toMatchObject({ terminated: 0 })
      expect(codes).toEqual([1012, 1012, 1012, 1012])
      const others = lines.filter(({ readyState }) => readyState === WebSocket.OPEN)
      expect(await Promise.all(others.map((line, index) => echo(line, `${index}`)))).toEqual(
        others.map((_line, index) => `${index}`),
      )
      for (const line of others) line.terminate()
      await Promise.all(staying.map(one => one.close({ within: 1_000 })))
    },
    60_000,
  )
})

describe('the manifests for Kubernetes', () => {
  const documents = parseAllDocuments(read('docs/deploy/kubernetes.yaml'))
  const objects = documents.map(document => document.toJS()) as Record<string, never>[]
  const of = (kind: string): never => objects.find(object => object['kind'] === kind)?.['spec'] as never

  test('are YAML without a warning, and have the types of Kubernetes', () => {
    for (const { errors, warnings } of documents) expect([...errors, ...warnings]).toEqual([])
    const modules: Record<string, string> = { v1: 'core/v1' }
    const code = objects.map(({ apiVersion, kind, ...rest }, index) => {
      const module = modules[apiVersion as string] ?? (apiVersion as string).replace('.k8s.io', '')
      const value = JSON.stringify({ apiVersion, kind, ...(rest as object) }, undefined, 1)
      return `import type { ${kind} as Kind${index} } from 'kubernetes-types/${module}.d.ts'\nexport const object${index}: Kind${index} = ${value}\n`
    })
    const block = { file: 'docs/deploy/kubernetes.yaml', line: 1, language: 'ts', setup: '', code: code.join('') }
    expect(compile([block])).toEqual([])
    expect(compile([{ ...block, code: block.code.replace('minReadySeconds', 'minReadSeconds') }])).not.toEqual([])
  })

  test('leave a server time for its drain', () => {
    const { template } = of('Deployment') as { template: { spec: Record<string, never> } }
    const { terminationGracePeriodSeconds, containers } = template.spec as unknown as {
      terminationGracePeriodSeconds: number
      containers: { lifecycle: { preStop: { exec: { command: string[] } } }; env: { name: string; value: string }[] }[]
    }
    const [{ lifecycle, env }] = containers as [(typeof containers)[0]]
    const sleep = Number(lifecycle.preStop.exec.command[1])
    const spread = Number(env.find(({ name }) => name === 'SPREAD')?.value)
    expect(terminationGracePeriodSeconds).toBeGreaterThan(sleep + spread + 10)
  })

  // kubectl apply would go back to it, and close the lines of all that the autoscaler had added.
  test('leave it to the autoscaler how many servers there are', () => {
    expect(of('Deployment')).not.toHaveProperty('replicas')
    expect(of('HorizontalPodAutoscaler')).toMatchObject({ minReplicas: 3 })
  })

  test('speak of the same labels, names and ports', () => {
    const label = { app: 'hotline' }
    const { selector, template } = of('Deployment') as Record<string, Record<string, Record<string, unknown>>>
    expect(selector).toEqual({ matchLabels: label })
    expect(template?.['metadata']?.['labels']).toEqual(label)
    expect((of('Service') as Record<string, unknown>)['selector']).toEqual(label)
    expect((of('PodDisruptionBudget') as Record<string, unknown>)['selector']).toEqual({ matchLabels: label })
    expect((of('HorizontalPodAutoscaler') as Record<string, unknown>)['scaleTargetRef']).toMatchObject({
      kind: 'Deployment',
      name: 'hotline',
    })
  })
})

describe('the unit for systemd', () => {
  const unit = read('docs/deploy/hotline.service')
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? ''

  test('leaves a server time for its drain', () => {
    const spread = Number(/\bSPREAD=(\d+)/.exec(value('Environment'))?.[1])
    expect(Number(value('TimeoutStopSec'))).toBeGreaterThan(spread + 10)
  })

  test.skipIf(!existsSync('/usr/bin/systemd-analyze'))('is one, as systemd reads it', () => {
    execFileSync('/usr/bin/systemd-analyze', ['verify', `${root}/docs/deploy/hotline.service`], { stdio: 'pipe' })
  })
})

// Docker is not where the tests run: that the image builds is not shown, but each thing that it is told to do.
describe('the Dockerfile', () => {
  const lines = read('docs/deploy/Dockerfile').replaceAll('\\\n', '').split('\n')
  const last = (word: string): string => lines.findLast(line => line.trim().startsWith(word))?.trim() ?? ''
  const command = (word: string): string[] => JSON.parse(last(word).slice(last(word).indexOf('[')))

  test('copies what is there', () => {
    const own = lines.filter(line => /^COPY (?!--from)/.test(line)).flatMap(line => line.split(' ').slice(1, -1))
    expect(own).toEqual(['package.json', 'package-lock.json', 'package.json', 'server.js'])
    const there = (name: string): boolean => existsSync(`${root}/examples/rolling/${name}`)
    // The lock of an example is that of the repository.
    expect(own.filter(name => name !== 'package-lock.json' && !there(name))).toEqual([])
  })

  test('runs a server as nobody in particular, and its health check says how it is', async () => {
    expect(last('USER')).toBe('USER node')
    const [, ...args] = command('CMD [')
    const server = spawn(process.execPath, args, {
      cwd: `${root}/examples/rolling`,
      env: { ...process.env, PORT: '0', HOST: '127.0.0.1', NOTICE: '600' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [url] = (await once(createInterface(server.stdout), 'line')) as string[]
    const { port } = new URL(url ?? '')
    const check = async (): Promise<unknown> => {
      const [, ...options] = JSON.parse(/CMD (\[.*\])/.exec(last('HEALTHCHECK'))?.[1] ?? '[]')
      const env = { ...process.env, PORT: port }
      return (await once(spawn(process.execPath, options, { env, stdio: 'ignore' }), 'exit'))[0]
    }
    expect(await check()).toBe(0)
    server.kill('SIGTERM')
    await drains(port)
    expect(await check()).toBe(1)
    server.kill('SIGTERM')
    expect((await once(server, 'exit'))[0]).toBe(0)
    expect(await check()).toBe(1)
  })
})

/** Until a server says that it is not ready any more. */
async function drains(port: string): Promise<void> {
  while ((await fetch(`http://127.0.0.1:${port}/healthz`)).status !== 503);
}
