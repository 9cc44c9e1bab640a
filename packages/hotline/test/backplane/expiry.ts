/** Words about members that are not said again. They end after 15 s, which pass while the other claims are looked at. */
import { expect, test } from 'vitest'
import { ATTENDANCE } from '../../src/backplane/backplane.ts'
import type { Log } from '../support/deadline.ts'
import { listen, PATIENCE, type TestNode, text, unique } from './support.ts'

/** What two nodes have been told, and one that comes late. */
interface Told {
  readonly told: Log<string>
  readonly late: Log<string>
  readonly names: { readonly once: string; readonly again: string }
  /** Milliseconds until what was said once had ended. */
  readonly after: number
}

export class Expiry {
  /** They stay open until this is over. */
  readonly nodes: TestNode[] = []
  #told: Promise<Told> | undefined

  /** @param open - opens a node, and puts it to those that are given */
  begin(open: (nodes: TestNode[]) => Promise<TestNode>): void {
    this.#told = this.#watch(() => open(this.nodes))
    this.#told.catch(() => {})
  }

  get told(): Promise<Told> | undefined {
    return this.#told
  }

  async #watch(open: () => Promise<TestNode>): Promise<Told> {
    const [again, once] = await Promise.all([open(), open()])
    const topic = unique('expiry')
    const told = await listen(again, topic)
    const begun = performance.now()
    await once.backplane.attend(topic, once.name, text('once'))
    const refresh = (): void => void again.backplane.attend(topic, again.name, text('again'))
    refresh()
    const timer = setInterval(refresh, ATTENDANCE / 3)
    try {
      const gone = `${once.name} undefined`
      await told.until('the end of what was said once', all => all.includes(gone), ATTENDANCE + PATIENCE)
      const after = performance.now() - begun
      const late = await listen(await open(), topic)
      await late.until('what counts', all => all.length > 0, PATIENCE)
      return { told, late, names: { once: once.name, again: again.name }, after }
    } finally {
      clearInterval(timer)
    }
  }
}

export function describeExpiry(expiry: Expiry): void {
  test('a word that is not said again does not count after a while; one that is said again does', async () => {
    const { told, late, names, after } = (await expiry.told) as Told
    expect(after).toBeGreaterThan(ATTENDANCE * 0.6)
    expect(told.all).not.toContain(`${names.again} undefined`)
    expect(late.all.filter(word => !word.endsWith('undefined'))).toEqual([`${names.again} again`])
  }, 60_000)
}
