/** For tests of applications: sockets joined in memory, and a clock that a test moves. */
export type { Clock, Timer } from '../../connection/clock.ts'
export type { Limits } from '../../connection/limits.ts'
export { Socket } from '../../connection/socket.ts'
export type { Transport, TransportHandler } from '../../connection/transport.ts'
export { FakeClock, settle } from './clock.ts'
export { type SocketPair, type SocketPairOptions, socketPair } from './sockets.ts'
export { MemoryTransport, type PairOptions, transportPair } from './transport.ts'
