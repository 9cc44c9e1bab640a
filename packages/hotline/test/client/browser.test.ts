/** In a browser the import of `hotline` is the browser's own class, and nothing of Node comes with it. */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { chromium } from '../../../../test/support/browser.ts'
import { bundle, inTab, problemsOf } from './page.ts'
import { Peer } from './peer.ts'

const app = fileURLToPath(new URL('app.ts', import.meta.url))

describe('what Vite makes of an application that imports hotline', () => {
  test('is small and has nothing of Node', async () => {
    const code = await bundle(app)
    expect(code).not.toMatch(/node:|require\(|process\.|Buffer\b|__vite-browser-external/)
    expect(code.length).toBeLessThan(8000)
  })

  test('has the types that it has in Node', { timeout: 30_000 }, () => {
    expect(problemsOf(app, '/browser.d.ts')).toEqual([])
  })

  test.skipIf(!chromium)('runs in Chromium on the class of the window', async () => {
    await using peer = await Peer.listen(wire => void wire.accept().echo())
    await inTab(await bundle(app), async tab => {
      const seen = await tab.evaluate(`(async () => {
        const names = ['WebSocket', 'CloseEvent', 'ErrorEvent']
        return {
          same: names.map(name => module[name] === window[name]),
          error: new module.HandshakeError('refused', { status: 401 }).status,
          answer: await module.hello('${peer.url}', { headers: { 'X-Node': 'only' } }),
        }
      })()`)
      expect(seen).toEqual({ same: [true, true, true], error: 401, answer: 'hello' })
      expect(peer.wires[0]?.header('X-Node')).toBeUndefined()
    })
  })
})
