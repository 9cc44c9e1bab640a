/** `hotline verify URL`: all cases against a server, some at a time. */
import type { Case } from './case.ts'
import { dial, type Target } from './engine/dial.ts'
import type { Result } from './engine/result.ts'

export interface RunOptions {
  readonly parallel: number
  readonly each: (result: Result) => void
}

/** Rejects when there is no connection to be had at all: the first failure to connect ends the run. */
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
      const result = await dial(of, target)
      results.push(result)
      each(result)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return results
}
