/** `hotline/client` in a browser: a line over its own WebSocket, and nothing of Node. */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { checkBundle } from '../../../../../scripts/bundle.mjs'
import { chromium, launch } from '../../../../../test/support/browser.ts'
import type { ServeOptions } from '../../../src/server/index.ts'
import { listening } from '../../server/support.ts'
import { bundle, Page } from '../page.ts'
import { CuttingProxy } from './proxy.ts'

const app = fileURLToPath(new URL('app.ts', import.meta.url))
const root = (path: string): string => fileURLToPath(new URL(`../../../../../${path}`, import.meta.url))

test('the bundle of connect has nothing of Node, and is within its budget', async () => {
  expect(await bundle(app)).not.toMatch(/node:|require\(|process\.|\bBuffer\b|__vite-browser-external/)
  expect(await checkBundle()).toMatch(/^connect for browsers is \d+ bytes minified/)
})

test('it has the types that it has in Node', { timeout: 30_000 }, () => {
  const { config } = ts.readConfigFile(root('tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [app] }, ts.sys, root(''))
  const program = ts.createProgram([app], { ...options, customConditions: ['browser'] })
  const problems = ts.getPreEmitDiagnostics(program)
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
  expect(program.getSourceFiles().some(({ fileName }) => fileName.endsWith('/client/browser.d.ts'))).toBe(true)
})

test.skipIf(!chromium)(
  'in Chromium, cut again and again, it gets each publication once',
  { timeout: 30_000 },
  async () => {
    const count = 40
    let ended = 0
    await using server = await listening({
      origin: 'any',
      topics: { 'log/*': { subscribe: true, history: { size: 1_000 } } },
      requests: { add: (_: unknown, data: unknown) => (data as number[]).reduce((a, b) => a + b) },
      routes: { '/': { topics: true, close: () => void ended++ } },
    } as unknown as ServeOptions<never>)
    await using proxy = await CuttingProxy.before(server.port, () => Number.POSITIVE_INFINITY)
    await using page = await Page.of(await bundle(app))
    const subscribers = (): number => server.server.topics.stats('log/a')?.subscribers ?? 0
    const browser = await launch()
    try {
      const tab = await browser.newPage()
      const faults: unknown[] = []
      tab.on('pageerror', fault => faults.push(fault))
      await tab.goto(page.url)
      await tab.waitForFunction('window.module')
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
      expect(faults).toEqual([])
    } finally {
      await browser.close()
    }
  },
)
