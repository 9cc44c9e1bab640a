/** `hotline verify URL`: all cases against a server, some at a time. */
import { setTimeout } from 'node:timers/promises'
import type { Case } from './case.ts'
import { dial, type Target } from './engine/dial.ts'
import type { Result } from './engine/result.ts'

export interface RunOptions {
  readonly parallel: number
  readonly each: (result: Result) => void
}

/** A server that no longer takes connections is asked so often, with so many milliseconds between. */
const ATTEMPTS = 5
const BETWEEN = 200

/** There is no connection to be had any more. */
export class Gone extends Error {
  /** The case that found it out. */
  readonly id: string

  constructor(id: string, cause: unknown) {
    super((cause as Error).message, { cause })
    this.id = id
  }
}

/** Ends early when the target's signal says so. Rejects with Gone when nobody can connect any more. */
export async function runAll(cases: readonly Case[], target: Target, options: RunOptions): Promise<Result[]> {
  const [timed, others] = [cases.filter(of => of.timed), cases.filter(of => !of.timed)]
  const results = await runSome(others, target, options)
  // What is timed has the machine for itself.
  return [...results, ...(await runSome(timed, target, { ...options, parallel: 1 }))]
}

async function runSome(cases: readonly Case[], target: Target, { parallel, each }: RunOptions): Promise<Result[]> {
  const left = cases.values()
  const results: Result[] = []
  const worker = async (): Promise<void> => {
    for (const of of left) {
      if (target.signal?.aborted) return
      const result = await patiently(of, target)
      // What was cut by the signal says nothing about the server.
      if (target.signal?.aborted) return
      results.push(result)
      each(result)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return results
}

/** A server may be restarting after the case before: that is seen by the case that ended it. */
async function patiently(of: Case, target: Target): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dial(of, target)
    } catch (error) {
      if (attempt === ATTEMPTS || target.signal?.aborted) throw new Gone(of.id, error)
      await setTimeout(BETWEEN)
    }
  }
}
