/** What keys and channels are called: all of one topic in one slot of a cluster, whatever the topic is called. */
import { isWildcard } from '../../topics/names.ts'

const SLOTS = 16_384

export class Names {
  readonly #keys: string
  readonly #channels: string

  /** Channels are one space for all databases of a server: their names say which one it is, as no prefix can. */
  constructor(prefix: string, database: number) {
    this.#keys = prefix
    this.#channels = database === 0 ? prefix : `${prefix}@${database}:`
  }

  /** A hash: epoch, offset, and the last publication of each node. */
  place(topic: string): string {
    return `${this.#keys}{${encode(topic)}}:place`
  }

  /** A stream: what is kept. */
  stream(topic: string): string {
    return `${this.#keys}{${encode(topic)}}:stream`
  }

  /** A hash: what each node says about its members. */
  words(topic: string): string {
    return `${this.#keys}{${encode(topic)}}:words`
  }

  /** A sorted set: until when the word of each node counts. */
  terms(topic: string): string {
    return `${this.#keys}{${encode(topic)}}:terms`
  }

  /** The channel of publications. It ends with the brace, which no topic has in it: no pattern fits another channel. */
  channel(topic: string): string {
    return `${this.#channels}{${encode(topic)}}`
  }

  /** The channel of what nodes say about their members. */
  wordsChannel(topic: string): string {
    return `${this.#channels}{${encode(topic)}}:words`
  }

  /** The channels of a pattern's topics, and of some others: `*` of Redis goes over slashes. */
  glob(pattern: string): string {
    const segments = pattern.split('/').map(segment => (isWildcard(segment) ? '*' : encode(segment)))
    return `${this.#channels}{${segments.join('/')}}`
  }

  /** The topic that a channel of publications is of; undefined for one that is no topic's. */
  topicOf(channel: string): string | undefined {
    try {
      return decodeURIComponent(channel.slice(this.#channels.length + 1, -1))
    } catch {
      return undefined
    }
  }
}

/** In a form without braces, spaces, and what has a meaning in patterns of Redis. */
function encode(topic: string): string {
  return encodeURIComponent(topic).replace(/%2F|\*/g, found => (found === '*' ? '%2A' : '/'))
}

/** The slot of a cluster that everything of a topic is in: CRC-16 (XMODEM) of what stands in the braces. */
export function slotOf(topic: string): number {
  let crc = 0
  for (const character of encode(topic)) {
    crc ^= character.charCodeAt(0) << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  }
  return crc & (SLOTS - 1)
}

export { SLOTS }
