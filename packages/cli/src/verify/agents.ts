/** The clients that come to be checked, apart from each other by the name that each gives itself. */
import type { Verdict } from './engine/judge.ts'
import type { Result } from './engine/result.ts'

/** In Autobahn's words. */
const WORDS: Readonly<Record<Verdict, string>> = {
  pass: 'OK',
  lenient: 'NON-STRICT',
  informational: 'INFORMATIONAL',
  'strict-fail': 'FAILED',
}

export class Agent {
  readonly name: string
  readonly #results = new Map<string, Result>()
  readonly #running = new Map<string, Promise<Result>>()
  readonly #keys = new Set<string>()
  #reported = true

  constructor(name: string) {
    this.name = name
  }

  get unreported(): Result[] {
    return this.#reported ? [] : [...this.#results.values()]
  }

  /** Whether it has sent this key before. */
  repeats(key: string): boolean {
    const before = this.#keys.has(key)
    this.#keys.add(key)
    return before
  }

  /** Resolves to what the case came to, once that is known. */
  async run(id: string, playing: Promise<Result>): Promise<Result> {
    this.#running.set(id, playing)
    try {
      const result = await playing
      this.#results.set(id, result)
      this.#reported = false
      return result
    } finally {
      this.#running.delete(id)
    }
  }

  /** A client may ask before the suite has seen the end of the line. */
  async behavior(id = ''): Promise<string> {
    await this.#running.get(id)?.catch(() => {})
    const verdict = this.#results.get(id)?.verdict
    return verdict === undefined ? 'MISSING' : WORDS[verdict]
  }

  /** All that it has run, once what runs is over. */
  async report(): Promise<Result[]> {
    await Promise.allSettled(this.#running.values())
    this.#reported = true
    return [...this.#results.values()]
  }
}

/** Each by its name. */
export class Agents {
  readonly #agents = new Map<string, Agent>()

  get(name: string): Agent {
    const agent = this.#agents.get(name) ?? new Agent(name)
    this.#agents.set(name, agent)
    return agent
  }

  get unreported(): [agent: string, results: Result[]][] {
    return [...this.#agents.values()].flatMap(({ name, unreported }): [string, Result[]][] =>
      unreported.length === 0 ? [] : [[name, unreported]],
    )
  }
}
