/**
 * `hotline/backplane`: what joins servers to one system, and the embedded one.
 *
 * @packageDocumentation
 */
export { BackplaneError } from '../errors.ts'
export type { HistoryRules } from '../topics/rules.ts'
export {
  ATTENDANCE,
  type Attendance,
  type Backplane,
  type BackplaneEvents,
  type Consumption,
  type Entry,
  type Kept,
  type Place,
  type TopicListener,
} from './backplane.ts'
export { type MemoryBackplaneOptions, memoryBackplane } from './memory.ts'
