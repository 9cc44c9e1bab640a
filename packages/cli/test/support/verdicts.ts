/** Results as a run would bring them. */
import type { Result } from '../../src/verify/engine/result.ts'

export const resultWith = (other: Partial<Result> = {}): Result => ({
  id: '1.1.1',
  title: 'a text message of 0 bytes',
  clause: 'RFC 6455 §5.2',
  why: 'It has to work.',
  verdict: 'pass',
  ending: 'clean',
  notes: [],
  milliseconds: 1.5,
  timed: false,
  exchange: [],
  omitted: 0,
  ...other,
})
