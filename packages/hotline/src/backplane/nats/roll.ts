/** Who is where: a key of a NATS bucket for each node and topic, which NATS forgets when it is not said again. */
import type { Subscription } from '@nats-io/transport-node'
import { BackplaneError } from '../../errors.ts'
import { ATTENDANCE, type Attendance } from '../backplane.ts'
import type { Session } from './link.ts'
import { keyOf, keysOf, nodeOf } from './names.ts'
import type { Trouble } from './starter.ts'

type Listener = (node: string, attendance: Attendance | undefined) => void

/** Milliseconds between two looks for nodes that have not said again who they have. */
const LOOK = 1_000

/** Milliseconds until it is tried again. */
const AGAIN = 500

/** Says who of a node is in a topic. */
export async function attend(
  session: Session | undefined,
  topic: string,
  node: string,
  attendance: Attendance | undefined,
): Promise<void> {
  if (session === undefined) throw new BackplaneError('NATS is away')
  const key = keyOf(topic, node)
  try {
    if (attendance === undefined) await session.words.delete(key)
    else await session.words.put(key, attendance)
  } catch (cause) {
    throw new BackplaneError(`NATS does not keep who is in ${topic}: ${(cause as Error).message}`, 'unknown', { cause })
  }
}

/**
 * Hears what nodes say about one topic: what the bucket has, and then what goes to it. The second by a subscription, not by a
 * consumer of the bucket: that is on one server of a cluster, and says nothing for a while when it has gone.
 */
export class Roll {
  readonly #topic: string
  readonly #listener: Listener
  readonly #trouble: Trouble
  /** The nodes that have somebody there, and until when that counts. */
  readonly #until = new Map<string, number>()
  /** Those that were heard of on this connection: what the bucket had is older. */
  #heard = new Set<string>()
  #session: Session | undefined
  #subscription: Subscription | undefined
  #timer: NodeJS.Timeout | undefined
  #ended = false
  #ready = (): void => {}
  readonly ready = new Promise<void>(resolve => {
    this.#ready = resolve
  })

  constructor(topic: string, listener: Listener, trouble: Trouble) {
    this.#topic = topic
    this.#listener = listener
    this.#trouble = trouble
  }

  async begin(session: Session): Promise<void> {
    if (this.#ended || session.over) return
    this.#session = session
    this.#heard = new Set()
    // While NATS was away nobody could say anything: all nodes have their time to do so.
    const until = performance.now() + ATTENDANCE
    for (const node of this.#until.keys()) this.#until.set(node, until)
    this.#timer ??= setInterval(this.#look, LOOK).unref()
    const subject = `$KV.${session.bucket}.${keysOf(this.#topic)}`
    this.#subscription = session.nc.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return
        const node = nodeOf(message.subject)
        if (node === undefined) return
        this.#heard.add(node)
        this.#hear(node, message.headers?.get('KV-Operation') ? undefined : message.data)
      },
    })
    await this.#read(session)
  }

  end(): void {
    this.#ended = true
    clearInterval(this.#timer)
    if (this.#session?.over === false) this.#subscription?.unsubscribe()
    this.#ready()
  }

  /** What the bucket has. */
  async #read(session: Session): Promise<void> {
    try {
      for await (const { key, operation, value } of await session.words.history({ key: keysOf(this.#topic) })) {
        const node = nodeOf(key)
        if (node !== undefined && !this.#heard.has(node)) this.#hear(node, operation === 'PUT' ? value : undefined)
      }
      this.#ready()
    } catch (cause) {
      if (this.#isOver(session)) return
      setTimeout(() => this.#isOver(session) || this.#read(session), AGAIN).unref()
      this.#trouble(`who is in ${this.#topic}`, cause as Error)
    }
  }

  #isOver(session: Session): boolean {
    return this.#ended || session.over || session !== this.#session
  }

  #hear(node: string, attendance: Attendance | undefined): void {
    if (this.#ended) return
    if (attendance !== undefined) {
      this.#until.set(node, performance.now() + ATTENDANCE)
      this.#listener(node, attendance)
    } else if (this.#until.delete(node)) this.#listener(node, undefined)
  }

  readonly #look = (): void => {
    if (this.#session === undefined || this.#session.over) return
    const now = performance.now()
    for (const [node, until] of this.#until) {
      if (until > now) continue
      this.#until.delete(node)
      this.#listener(node, undefined)
    }
  }
}
