/** A page that nobody looks at has time; one that somebody looks at has its line at once. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { chromium } from '../../../../../test/support/browser.ts'
import { listening } from '../../server/support.ts'
import { bundle, Page } from '../page.ts'
import { Tabs } from '../tabs.ts'
import { CuttingProxy } from './proxy.ts'

const app = fileURLToPath(new URL('app.ts', import.meta.url))

test.skipIf(!chromium)(
  'in Chromium, a line that would wait for days comes as soon as somebody looks at its tab, with nothing lost',
  { timeout: 30_000 },
  async () => {
    await using server = await listening({
      origin: 'any',
      topics: { 'log/*': { subscribe: true, history: { size: 10 } } },
      routes: { '/': { topics: true } },
    })
    await using proxy = await CuttingProxy.before(server.port, () => Number.POSITIVE_INFINITY)
    await using page = await Page.of(await bundle(app))
    await using tabs = await Tabs.launch()
    const tab = await tabs.open(page.url)
    const is = (expression: string) => expect.poll(() => tab.evaluate(expression), { timeout: 10_000 })

    await is('typeof window.module').toBe('object')
    await tab.evaluate(`window.one = module.stay(${JSON.stringify(proxy.url)}); true`)
    await is('one.subscribed').toBe(1)
    server.server.publish('log/a', 'before')
    await is('one.seen.length').toBe(1)

    await tabs.open('about:blank')
    await is('document.visibilityState').toBe('hidden')
    proxy.cut()
    await is('one.line.status').toBe('waiting')
    server.server.publish('log/a', 'meanwhile')
    await tab.evaluate('one.hurry()')
    expect(await tab.evaluate('one.line.status')).toBe('waiting')

    await tab.show()
    await is('one.seen.length').toBe(2)
    expect(await tab.evaluate('one.seen.map(({ data, passed, recovered }) => [data, passed, recovered])')).toEqual([
      ['before', 0, true],
      ['meanwhile', 0, true],
    ])
  },
)
