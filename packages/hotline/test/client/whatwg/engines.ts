/** What runs the claims: our class in Node, and Chromium's in a page. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Browser, Page as Tab } from 'playwright-core'
import { Peer } from '../peer.ts'
import type { Class, Given } from './kit.ts'
import { play } from './scenes.ts'

/** Two servers that play the scenes. */
export class Stage implements AsyncDisposable {
  readonly #peers: readonly [Peer, Peer]

  private constructor(peers: readonly [Peer, Peer]) {
    this.#peers = peers
  }

  static async open(): Promise<Stage> {
    const options = { hangsUpOnTls: true }
    return new Stage([await Peer.listen(play, options), await Peer.listen(play, options)])
  }

  get url(): string {
    return this.#peers[0].url
  }

  get other(): string {
    return this.#peers[1].url
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) await peer[Symbol.asyncDispose]()
  }
}

let gc: (() => void) | undefined

/** What a claim is given in Node, with any class of the standard. */
export function inNode(WebSocket: unknown, { url, other }: Stage): Given {
  return { WebSocket: WebSocket as Class, url, other, collect, uncaught }
}

async function collect(): Promise<void> {
  if (gc === undefined) {
    setFlagsFromString('--expose-gc')
    gc = runInNewContext('gc') as () => void
  }
  // In a task of its own, nothing is held by the stack.
  await new Promise(resolve => setImmediate(resolve))
  gc()
}

/** Takes the place of those who listen for uncaught exceptions, such as a test runner, for as long as it runs. */
async function uncaught(act: () => Promise<void>): Promise<string[]> {
  const others = process.listeners('uncaughtException')
  const seen: string[] = []
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', error => seen.push(error.message))
  try {
    await act()
    await new Promise(resolve => setImmediate(resolve))
    return seen
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const other of others) process.on('uncaughtException', other)
  }
}

/** A page that has the claims as `module`, with what they are given as `given`. */
export async function openTab(browser: Browser, page: string, { url, other }: Stage): Promise<Tab> {
  const tab = await browser.newPage()
  const session = await tab.context().newCDPSession(tab)
  await tab.exposeFunction('collect', () => session.send('HeapProfiler.collectGarbage').then(() => {}))
  await tab.goto(page)
  await tab.waitForFunction('window.module')
  await tab.evaluate(
    `window.given = { WebSocket, ...${JSON.stringify({ url, other })}, collect, uncaught: ${uncaughtInPage} }`,
  )
  return tab
}

const uncaughtInPage = `async act => {
  const seen = []
  const listen = event => { event.preventDefault(); seen.push(event.error.message) }
  addEventListener('error', listen)
  try {
    await act()
    await new Promise(resolve => setTimeout(resolve))
    return seen
  } finally {
    removeEventListener('error', listen)
  }
}`

/** What can be seen of a claim in a page. */
export const seeInTab = (tab: Tab, section: number, claim: number): Promise<unknown> =>
  tab.evaluate(`module.sections[${section}].claims[${claim}].see(given)`)
