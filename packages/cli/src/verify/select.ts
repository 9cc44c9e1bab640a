/** Which cases `--only` and `--exclude` name: `5`, `5.*`, `7.1`, `6.2.13`, `*.1.1`, or a family by its words. */
import type { Case } from './case.ts'
import { families } from './cases.ts'

/** Throws a RangeError about a pattern that names nothing. */
export function select(cases: readonly Case[], only: readonly string[], exclude: readonly string[]): Case[] {
  for (const pattern of [...only, ...exclude])
    if (!cases.some(matcher(pattern))) throw new RangeError(`there is no case ${pattern}`)
  const [wanted, unwanted] = [only, exclude].map(patterns => patterns.map(matcher))
  return cases.filter(of => (only.length === 0 || wanted?.some(is => is(of))) && !unwanted?.some(is => is(of)))
}

function matcher(pattern: string): (of: Case) => boolean {
  if (!/^[\d.*?]+$/.test(pattern)) return inFamilies(pattern)
  const start = pattern.replace(/(\.?\*)+$/, '')
  if (start === '') return () => true
  const numbers = start.replaceAll('.', '\\.').replaceAll('*', '[^.]*').replaceAll('?', '[^.]')
  const expression = new RegExp(`^${numbers}(\\.|$)`)
  return ({ id }) => expression.test(id)
}

/** `utf-8`, `closing`, `handshake`: the families whose title has these words. */
function inFamilies(words: string): (of: Case) => boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const wanted = plain(words)
  const named = families.filter(({ title }) => wanted !== '' && plain(title).includes(wanted))
  return of => named.some(({ cases }) => cases.includes(of))
}

/** `5.*,7.1`, several times. */
export const patterns = (text: string, given: readonly string[] = []): string[] => [
  ...given,
  ...text.split(',').flatMap(pattern => pattern.trim() || []),
]
