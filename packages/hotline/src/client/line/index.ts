/** What a line is made of, for those who use one: the same in Node and in browsers. */
export type { AttemptContext, ForEach, LineSocket, LineSocketClass } from './attempt.ts'
export type { Backoff } from './backoff.ts'
export { Line, type LineEvents, type LineSendOptions } from './line.ts'
export type { ConnectOptions } from './options.ts'
export type { LineData, Queue } from './outbox.ts'
export type { LineHeartbeat } from './pulse.ts'
export type { LineClock, LineEnd, LineState, LineStatus } from './state.ts'
export type { Retry } from './verdict.ts'
