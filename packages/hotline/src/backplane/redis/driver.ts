/** The little of node-redis that is used, and how it is loaded: by whoever opens a backplane, not before. */
import { BackplaneError } from '../../errors.ts'

export type Argument = string | Buffer

/** One connection, as node-redis gives it. */
export interface Client {
  readonly isOpen: boolean
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'sharded-channel-moved', listener: () => void): unknown
  connect(): Promise<unknown>
  destroy(): void
  sendCommand(args: readonly Argument[]): Promise<unknown>
  subscribe(channel: string, listener: ChannelListener, buffers: true): Promise<void>
  unsubscribe(channel: string, listener: ChannelListener, buffers: true): Promise<void>
  sSubscribe(channel: string, listener: ChannelListener, buffers: true): Promise<void>
  sUnsubscribe(channel: string, listener: ChannelListener, buffers: true): Promise<void>
  pSubscribe(pattern: string, listener: ChannelListener, buffers: true): Promise<void>
  pUnsubscribe(pattern: string, listener: ChannelListener, buffers: true): Promise<void>
}

export type ChannelListener = (message: Buffer, channel: Buffer) => void

export interface Driver {
  createClient(options: object): Client
  /** What Redis itself says, and not the connection. */
  readonly ErrorReply: new (
    ...args: never[]
  ) => Error
  readonly RESP_TYPES: { readonly BLOB_STRING: number }
}

/** @throws BackplaneError when it is not installed */
export async function loadDriver(load: () => Promise<unknown> = () => import('redis')): Promise<Driver> {
  try {
    return (await load()) as Driver
  } catch (cause) {
    throw new BackplaneError('the Redis backplane needs the package redis: npm install redis', 'no', { cause })
  }
}
