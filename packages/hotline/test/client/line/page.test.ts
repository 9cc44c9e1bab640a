/** `hotline/client` in a browser: a line over its own WebSocket, and nothing of Node. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkBundle } from '../../../../../scripts/bundle.mjs'
import { chromium } from '../../../../../test/support/browser.ts'
import type { ServeOptions } from '../../../src/server/index.ts'
import { listening } from '../../server/support.ts'
import { bundle, inTab, problemsOf } from '../page.ts'
import { CuttingProxy } from './proxy.ts'

const app = fileURLToPath(new URL('app.ts', import.meta.url))

test('the bundle of connect has nothing of Node, and is within its budget', async () => {
  expect(await bundle(app)).not.toMatch(/node:|require\(|process\.|\bBuffer\b|__vite-browser-external/)
  expect(await checkBundle()).toMatch(/^connect for browsers is \d+ bytes minified/)
})

test('it has the types that it has in Node', { timeout: 30_000 }, () => {
  expect(problemsOf(app, '/client/browser.d.ts')).toEqual([])
})

const history: ServeOptions<never>['topics'] = { 'log/*': { subscribe: true, history: { size: 1_000 } } }
const speaking = (close?: () => void) =>
  listening({
    origin: 'any',
    topics: history,
    requests: { add: (_: unknown, data: unknown) => (data as number[]).reduce((a, b) => a + b) },
    routes: { '/': { topics: true, ...(close && { close }) } },
  } as unknown as ServeOptions<never>)

test.skipIf(!chromium)(
  'in Chromium, cut again and again, it gets each publication once',
  { timeout: 30_000 },
  async () => {
    const count = 40
    let ended = 0
    await using server = await speaking(() => void ended++)
    const subscribers = (): number => server.server.topics.stats('log/a')?.subscribers ?? 0
    await using proxy = await CuttingProxy.before(server.port, () => Number.POSITIVE_INFINITY)
    await inTab(await bundle(app), async tab => {
      const options = { backoff: { base: 1, cap: 5, stable: 0 } }
      const followed = tab.evaluate(`module.follow(${JSON.stringify(proxy.url)}, ${count}, ${JSON.stringify(options)})`)
      for (let number = 1; number <= count; number++) {
        const { offset } = server.server.publish('log/a', number)
        expect(offset).toBe(number)
        if (number % 10 > 0) continue
        await expect.poll(subscribers).toBe(1)
        proxy.cut()
        await expect.poll(() => ended).toBeGreaterThanOrEqual(number / 10)
      }
      const { seen, states, sum } = (await followed) as Record<string, unknown>
      expect(seen).toEqual(
        Array.from({ length: count }, (_, index) => ({ offset: index + 1, recovered: true, passed: 0 })),
      )
      expect(sum).toBe(5)
      expect(states).toContain('waiting')
      expect((states as string[]).at(-1)).toBe('closed')
    })
  },
)

test.skipIf(!chromium)(
  'in Chromium, a line that would wait for days comes as soon as the network is back, with nothing lost',
  { timeout: 30_000 },
  async () => {
    await using server = await speaking()
    await using proxy = await CuttingProxy.before(server.port, () => Number.POSITIVE_INFINITY)
    await inTab(await bundle(app), async tab => {
      await tab.evaluate(`window.one = module.stay(${JSON.stringify(proxy.url)})`)
      await tab.waitForFunction('one.subscribed === 1', undefined, { polling: 20 })
      server.server.publish('log/a', 'before')
      await tab.waitForFunction('one.seen.length === 1', undefined, { polling: 20 })
      await tab.context().setOffline(true)
      proxy.cut()
      await tab.waitForFunction('one.line.status === "waiting"', undefined, { polling: 20 })
      server.server.publish('log/a', 'meanwhile')
      await tab.evaluate('one.hurry()')
      expect(await tab.evaluate('one.line.status')).toBe('waiting')
      await tab.context().setOffline(false)
      await tab.waitForFunction('one.seen.length === 2', undefined, { polling: 20 })
      server.server.publish('log/a', 'after')
      await tab.waitForFunction('one.seen.length === 3', undefined, { polling: 20 })
      expect(await tab.evaluate('one.seen')).toEqual(
        ['before', 'meanwhile', 'after'].map(data => expect.objectContaining({ data, passed: 0, recovered: true })),
      )
      await tab.evaluate('one.line.close()')
    })
  },
)

test.skipIf(!chromium)(
  'in Chromium, a page that was frozen while its line was cut has it again when it goes on, with nothing lost',
  { timeout: 30_000 },
  async () => {
    await using server = await speaking()
    await using proxy = await CuttingProxy.before(server.port, () => Number.POSITIVE_INFINITY)
    await inTab(await bundle(app), async tab => {
      const cdp = await tab.context().newCDPSession(tab)
      await tab.evaluate(`window.one = module.stay(${JSON.stringify(proxy.url)})`)
      await tab.waitForFunction('one.subscribed === 1', undefined, { polling: 20 })
      server.server.publish('log/a', 'before')
      await tab.waitForFunction('one.seen.length === 1', undefined, { polling: 20 })
      await tab.evaluate('one.hurry()')
      await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
      proxy.cut()
      server.server.publish('log/a', 'meanwhile')
      await cdp.send('Page.setWebLifecycleState', { state: 'active' })
      await tab.bringToFront()
      await tab.waitForFunction('one.seen.length === 2', undefined, { polling: 20 })
      expect(await tab.evaluate('one.seen')).toEqual(
        ['before', 'meanwhile'].map(data => expect.objectContaining({ data, passed: 0, recovered: true })),
      )
      await tab.evaluate('one.line.close()')
    })
  },
)
