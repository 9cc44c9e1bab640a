/** Topics as NATS names them: subjects, streams and keys. Whatever stands in a topic, no two of them meet. */

/** Where a subject of a topic without history has the life of the stream. */
export const PASSING = '-'

/** Where a subject has the life of the stream when that is about to be deleted. */
export const ENDING = '_'

/** The longest topic, as it stands in a name, that is its stream's name as well. File systems have names of 255 bytes. */
const LONGEST = 150

/** One segment as a token: letters, digits, `-` and `_` as they are, other bytes as `=` and two hexadecimal digits, none as `=`. */
const token = (segment: string): string =>
  segment === ''
    ? '='
    : encodeURIComponent(segment)
        .replace(/[.!~*'()]/g, hex)
        .replaceAll('%', '=')

const hex = (character: string): string => `%${character.charCodeAt(0).toString(16)}`

/** @throws URIError for what {@link token} has not made */
const segmentOf = (part: string): string => (part === '=' ? '' : decodeURIComponent(part.replaceAll('=', '%')))

/** Undefined for what others have made. */
function read<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** A topic as tokens, which are one segment each. */
const tokensOf = (topic: string): string => topic.split('/').map(token).join('.')

/** What is published to a topic goes to `PREFIX.LIFE.TOKENS`, where the life is that of its stream. */
export const subjectOf = (prefix: string, life: string, topic: string): string => `${prefix}.${life}.${tokensOf(topic)}`

/** The subject that all topics of a pattern fit, in every life. `*` is one token, and `>` the rest. */
export function filterOf(prefix: string, pattern: string): string {
  const tokens = pattern.split('/').map(one => (one === '*' ? '*' : one === '**' ? '>' : token(one)))
  return `${prefix}.*.${tokens.join('.')}`
}

/** The life in a subject. */
export const lifeOf = (prefix: string, subject: string): string =>
  subject.slice(prefix.length + 1).split('.', 1)[0] ?? ''

/** The topic in a subject; undefined when nobody of hotline has made it. */
export function topicOf(prefix: string, subject: string): string | undefined {
  const [, ...tokens] = subject.slice(prefix.length + 1).split('.')
  return read(() => tokens.map(segmentOf).join('/'))
}

/** The key under which a node says who of it is in a topic. */
export const keyOf = (topic: string, node: string): string => `${tokensOf(topic)}.${token(node)}`

/** The keys of all nodes for a topic. */
export const keysOf = (topic: string): string => `${tokensOf(topic)}.*`

/** The node in a key; undefined when nobody of hotline has made it. */
export const nodeOf = (key: string): string | undefined => read(() => segmentOf(key.slice(key.lastIndexOf('.') + 1)))

/**
 * The name of a topic's stream: the topic itself where it is short, else its SHA-256. Capital letters are written as bytes,
 * since a stream is a folder, and there are file systems to which `A` and `a` are one.
 */
export async function streamOf(prefix: string, topic: string): Promise<string> {
  const bytes = new TextEncoder().encode(topic)
  const readable = Array.from(bytes, byte => {
    const character = String.fromCharCode(byte)
    return /[a-z0-9-]/.test(character) ? character : `=${byte.toString(16).padStart(2, '0')}`
  }).join('')
  if (readable.length <= LONGEST) return `${prefix}_t_${readable}`
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `${prefix}_s_${Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')}`
}

/** A name for one life of a stream, which no other one has. */
export const newLife = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), byte => (byte % 36).toString(36)).join('')
