/** Which cases `--only` and `--exclude` name: `5`, `5.*`, `7.1`, `6.2.13`. */
import type { Case } from './case.ts'

/** Throws a RangeError about a pattern that names nothing. */
export function select(cases: readonly Case[], only: readonly string[], exclude: readonly string[]): Case[] {
  for (const pattern of [...only, ...exclude])
    if (!cases.some(of => names(pattern, of.id))) throw new RangeError(`there is no case ${pattern}`)
  return cases.filter(
    ({ id }) =>
      (only.length === 0 || only.some(pattern => names(pattern, id))) && !exclude.some(pattern => names(pattern, id)),
  )
}

function names(pattern: string, id: string): boolean {
  const prefix = pattern.replace(/(\.?\*)+$/, '')
  return prefix === '' || id === prefix || id.startsWith(`${prefix}.`)
}

/** `5.*,7.1`, several times. */
export const patterns = (text: string, given: readonly string[] = []): string[] => [
  ...given,
  ...text.split(',').flatMap(pattern => pattern.trim() || []),
]
