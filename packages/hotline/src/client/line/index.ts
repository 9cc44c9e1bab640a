/** What a line is made of, for those who use one: the same in Node and in browsers. */

export type { Backoff } from './backoff.ts'
export { Line, type LineEvents, type LineSendOptions, type Published, type PublishOptions } from './line.ts'
export type { ConnectOptions } from './options.ts'
export type { LineData, Queue } from './outbox.ts'
export type { LineHeartbeat } from './pulse.ts'
export type { AskOptions } from './sending.ts'
export type { AttemptContext, ForEach, LineSocket, LineSocketClass } from './socket.ts'
export type { Handler } from './speech.ts'
export type { LineClock, LineEnd, LineState, LineStatus } from './state.ts'
export { type Members, type Received, Topic, type TopicEvents, type TopicOptions } from './topic.ts'
export type { Retry } from './verdict.ts'
