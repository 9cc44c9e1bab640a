/** What is expected of an engine. */
import { expect } from 'vitest'
import type { Departure } from './kit.ts'

/** What the standard wants, or the departure that the page confesses; another version may have mended it. */
export function expectEither(seen: unknown, expected: unknown, departure: Departure | undefined): void {
  if (departure === undefined) expect(seen).toEqual(expected)
  else expect([expected, departure.expected]).toContainEqual(seen)
}
