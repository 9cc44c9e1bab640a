/** A server's end of a line that speaks a contract: messages, topics and requests with their types. */
import type { Contract, FromClient, ServerMessage } from '../contract/contract.ts'
import {
  type Asking,
  type FromReply,
  type RequestData,
  type RequestName,
  readReply,
  requestOf,
} from '../contract/requests.ts'
import { type Terms, TypedSocket } from '../contract/socket.ts'
import type { FittingName, TopicData, TopicName } from '../contract/topics.ts'
import type { Published, Subscribed } from '../topics/subscriber.ts'
import type { OpeningRequest } from './request.ts'
import type { ServerSocket } from './routes.ts'
import type { RequestOptions } from './subprotocol/asking.ts'

/** A server's end of a line that speaks a contract. `socket` is the ServerSocket below. */
export class TypedServerSocket<
  C extends Contract,
  D = unknown,
  P = Readonly<Record<string, string>>,
> extends TypedSocket<ServerMessage<C>, FromClient<C>, ServerSocket<D, P>> {
  readonly #contract: C

  /** @internal */
  constructor(socket: ServerSocket<D, P>, terms: Terms, contract: C) {
    super(socket, terms)
    this.#contract = contract
  }

  /** What `authorize` returned. */
  get data(): D {
    return this.socket.data
  }

  set data(data: D) {
    this.socket.data = data
  }

  /** The request that opened it. */
  get request(): OpeningRequest<P> {
    return this.socket.request
  }

  /** The parameters of the route's pattern, decoded. */
  get params(): P {
    return this.socket.params
  }

  /** The client's address, behind the proxies that `trustProxy` names. */
  get remoteAddress(): string {
    return this.socket.remoteAddress
  }

  /** From now on this socket is sent what is published to the topic, as by `subscribe` of the socket below. */
  subscribe<const T extends TopicName<C>>(
    topic: T & FittingName<C, T>,
    options?: { readonly last?: number; readonly every?: number },
  ): Subscribed {
    return this.socket.subscribe(topic, options)
  }

  /** Ends a subscription; false when there is none. */
  unsubscribe(topic: TopicName<C>): boolean {
    return this.socket.unsubscribe(topic)
  }

  /**
   * Publishes to all that have subscribed, this socket too unless `self` is false.
   *
   * @throws UsageError when the name is no topic, or the data cannot be written
   */
  publish<const T extends TopicName<C>>(
    topic: T,
    data: TopicData<C, T>,
    options?: { readonly self?: boolean },
  ): Published {
    return this.socket.publish(topic, data, options)
  }

  /**
   * Asks the client of a line that speaks hotline.1.
   *
   * @returns the answer that fits; rejects with a SchemaError for one that does not, else as `ask` of the socket below
   * @throws UsageError when the contract has no such request
   */
  async ask<N extends RequestName<C, 'server'>>(
    name: N,
    ...[data, options]: Asking<RequestData<C, 'server', N>, RequestOptions>
  ): Promise<FromReply<C, 'server', N>> {
    const parts = requestOf(this.#contract.requests, 'server', name)
    const reply = await this.socket.ask(name, data, options)
    return (await readReply(parts, reply, options?.signal)) as FromReply<C, 'server', N>
  }
}
