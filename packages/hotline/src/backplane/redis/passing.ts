/** What is not kept: a topic without history, and what is published to the topics of a pattern. */
import { fits } from '../../topics/names.ts'
import type { Entry, TopicListener } from '../backplane.ts'
import { readFrame } from './frames.ts'
import type { Links } from './links.ts'
import { type Keeper, Listening, type Source } from './listening.ts'
import type { Names } from './names.ts'

export class Passing extends Listening {
  readonly #topic: string
  readonly #listener: TopicListener
  readonly #names: Names

  constructor(topic: string, listener: TopicListener, names: Names, keeper: Keeper) {
    super(`the topic ${topic}`, keeper)
    this.#topic = topic
    this.#listener = listener
    this.#names = names
  }

  protected source(links: Links): Source {
    const kind = links.isCluster ? 'sharded' : 'plain'
    return { link: links.of(this.#topic), kind, channel: this.#names.channel(this.#topic) }
  }

  protected async begin(): Promise<void> {}

  protected hear(message: Buffer): void {
    const heard = readFrame(message)
    if (heard !== undefined) this.#listener.passed(entryOf(heard))
  }
}

export class Watching extends Listening {
  readonly #pattern: string
  readonly #listener: (topic: string, entry: Entry) => void
  readonly #names: Names

  constructor(pattern: string, listener: (topic: string, entry: Entry) => void, names: Names, keeper: Keeper) {
    super(`the pattern ${pattern}`, keeper)
    this.#pattern = pattern
    this.#listener = listener
    this.#names = names
  }

  /** What is published to patterns goes to all nodes of a cluster: one of them is enough. */
  protected source(links: Links): Source | undefined {
    const [link] = links.all
    return link && { link, kind: 'pattern', channel: this.#names.glob(this.#pattern) }
  }

  protected async begin(): Promise<void> {}

  protected hear(message: Buffer, channel: Buffer): void {
    const heard = readFrame(message)
    const topic = this.#names.topicOf(String(channel))
    if (heard !== undefined && topic !== undefined && fits(topic, this.#pattern)) this.#listener(topic, entryOf(heard))
  }
}

const entryOf = ({ node, sequence, body }: Entry): Entry => ({ node, sequence, body })
