/** Who is where: a key of a NATS bucket for each node and topic, which NATS forgets when it is not said again. */
import type { KvWatchEntry } from '@nats-io/kv'
import { BackplaneError } from '../../errors.ts'
import { ATTENDANCE, type Attendance } from '../backplane.ts'
import type { Session } from './link.ts'
import { keyOf, keysOf, nodeOf } from './names.ts'

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

/** Hears what nodes say about one topic. */
export class Roll {
  readonly #topic: string
  readonly #listener: Listener
  /** The nodes that have somebody there, and until when that counts. */
  readonly #until = new Map<string, number>()
  #session: Session | undefined
  #stop = (): void => {}
  #timer: NodeJS.Timeout | undefined
  #ended = false
  #ready = (): void => {}
  readonly ready = new Promise<void>(resolve => {
    this.#ready = resolve
  })

  constructor(topic: string, listener: Listener) {
    this.#topic = topic
    this.#listener = listener
  }

  async begin(session: Session): Promise<void> {
    if (this.#ended || session.over) return
    this.#session = session
    // While NATS was away nobody could say anything: all nodes have their time to do so.
    const until = performance.now() + ATTENDANCE
    for (const node of this.#until.keys()) this.#until.set(node, until)
    this.#timer ??= setInterval(this.#look, LOOK).unref()
    try {
      const words = await session.words.watch({ key: keysOf(this.#topic) })
      this.#stop = () => words.stop()
      this.#ready()
      if (this.#ended) words.stop()
      void this.#follow(session, words)
    } catch {
      this.#again(session)
    }
  }

  end(): void {
    this.#ended = true
    clearInterval(this.#timer)
    if (!this.#session?.over) this.#stop()
    this.#ready()
  }

  async #follow(session: Session, words: AsyncIterable<KvWatchEntry>): Promise<void> {
    try {
      for await (const word of words) if (!this.#ended) this.#hear(word)
    } catch {}
    this.#again(session)
  }

  #again(session: Session): void {
    if (this.#ended || session.over || session !== this.#session) return
    setTimeout(() => this.begin(session), AGAIN).unref()
  }

  #hear({ key, operation, value }: KvWatchEntry): void {
    const node = nodeOf(key)
    if (operation === 'PUT') {
      this.#until.set(node, performance.now() + ATTENDANCE)
      this.#listener(node, value)
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
