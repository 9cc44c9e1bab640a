/** `hotline/contract` in a browser: a line whose topics and requests are those of a contract. */
import { fileURLToPath } from 'node:url'
import { serve, typedRoute, typedTopics } from 'hotline/server'
import { expect, test } from 'vitest'
import { chromium } from '../../../../test/support/browser.ts'
import { bundle, inTab } from '../client/page.ts'
import { terms } from './app.ts'

const app = fileURLToPath(new URL('app.ts', import.meta.url))

test('an application with a contract brings nothing of Node', async () => {
  expect(await bundle(app)).not.toMatch(/node:|require\(|process\.|\bBuffer\b|__vite-browser-external/)
})

test.skipIf(!chromium)('Chromium reads a topic, asks and is asked by contract', { timeout: 30_000 }, async () => {
  const confirmed: unknown[] = []
  await using server = await serve({
    port: 0,
    origin: 'any',
    topics: typedTopics(terms, { 'room/*': { subscribe: true, publish: true, history: { size: 10 } } }),
    routes: {
      '/': typedRoute(terms, {
        requests: {
          sum: async (socket, numbers) => {
            confirmed.push(await socket.ask('confirm', 'sure?'))
            return numbers.reduce((sum, one) => sum + one, 0)
          },
        },
      }),
    },
  })
  const at = '2026-01-01T00:00:00.000Z'
  for (const text of ['one', 2, 'three']) server.publish('room/lobby', { text, at })
  await inTab(await bundle(app), async tab => {
    expect(await tab.evaluate(`module.talk(${JSON.stringify(server.url)})`)).toEqual({
      seen: [
        ['one', Date.parse(at), 0],
        ['three', Date.parse(at), 1],
      ],
      invalid: ['true 2 text'],
      sum: 5,
      refused: { code: 'schema', reason: expect.stringMatching(/^at: /) },
    })
    expect(confirmed).toEqual([true])
  })
})
