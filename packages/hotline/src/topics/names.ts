/** Names of topics, and patterns over them: segments between slashes. */
import { UsageError } from '../errors.ts'

/** Bytes of UTF-8 that a name may have. */
const LONGEST = 256

const SEGMENT = '*'
const REST = '**'

/** True for 1 to 256 bytes of UTF-8 without control characters and lone surrogates, of which no segment is `*` or `**`. */
export function isTopic(name: unknown): name is string {
  return isName(name) && !name.split('/').some(isWild)
}

/** True for a name in which `*` may stand for one segment, and `**` at the end for one or more. */
export function isPattern(name: unknown): name is string {
  return isName(name) && !name.split('/').slice(0, -1).includes(REST)
}

/** True for a pattern that is not the name of one topic. */
export const isWildcard = (name: string): boolean => name.includes(SEGMENT) && name.split('/').some(isWild)

/** @throws UsageError when it is no topic */
export function checkTopic(name: unknown): void {
  if (!isTopic(name)) throw new UsageError(`${describe(name)} is not the name of a topic: ${NAME}`, 'topic')
}

/** @throws UsageError when it is neither a topic nor a pattern */
export function checkPattern(name: unknown): void {
  if (!isPattern(name))
    throw new UsageError(`${describe(name)} is not a pattern: ${NAME}, and ** only at the end`, 'topic')
}

const NAME = `1 to ${LONGEST} bytes without control characters, and * only as a segment of a pattern`

const isWild = (segment: string): boolean => segment === SEGMENT || segment === REST

const describe = (name: unknown): string => (typeof name === 'string' ? `'${name.slice(0, 80)}'` : typeof name)

function isName(name: unknown): name is string {
  if (typeof name !== 'string' || name.length === 0 || name.length > LONGEST) return false
  let bytes = 0
  for (const character of name) {
    const code = character.codePointAt(0) as number
    if (code < 0x20 || code === 0x7f || (code >= 0xd800 && code <= 0xdfff)) return false
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes <= LONGEST
}

/** True when the topic is one of the pattern's. */
export function fits(topic: string, pattern: string): boolean {
  if (!isWildcard(pattern)) return topic === pattern
  const segments = topic.split('/')
  const wanted = pattern.split('/')
  const open = wanted.at(-1) === REST
  if (open ? segments.length < wanted.length : segments.length !== wanted.length) return false
  return wanted.every((one, at) => isWild(one) || one === segments[at])
}

/** One segment of the patterns that begin alike. */
interface Node<T> {
  readonly below: Map<string, Node<T>>
  value: T | undefined
}

const node = <T>(): Node<T> => ({ below: new Map(), value: undefined })

/** Things under patterns, found by a topic in the time that its segments take, however many patterns there are. */
export class PatternTree<T> {
  readonly #root = node<T>()
  #size = 0

  /** True when nothing is under any pattern. */
  get isEmpty(): boolean {
    return this.#size === 0
  }

  get(pattern: string): T | undefined {
    let at: Node<T> | undefined = this.#root
    for (const segment of pattern.split('/')) at = at?.below.get(segment)
    return at?.value
  }

  set(pattern: string, value: T): void {
    let at = this.#root
    for (const segment of pattern.split('/')) {
      let next = at.below.get(segment)
      if (next === undefined) at.below.set(segment, (next = node<T>()))
      at = next
    }
    if (at.value === undefined) this.#size++
    at.value = value
  }

  delete(pattern: string): void {
    this.#cut(this.#root, pattern.split('/'), 0)
  }

  /** All under the patterns that the topic fits. */
  find(topic: string): T[] {
    const found: T[] = []
    if (this.#size === 0) return found
    let nodes = [this.#root]
    for (const segment of topic.split('/')) {
      const next: Node<T>[] = []
      for (const { below } of nodes) {
        const rest = below.get(REST)
        if (rest?.value !== undefined) found.push(rest.value)
        for (const one of [below.get(segment), below.get(SEGMENT)]) if (one !== undefined) next.push(one)
      }
      nodes = next
    }
    for (const { value } of nodes) if (value !== undefined) found.push(value)
    return found
  }

  /** Takes the value away, and the nodes that nothing is under any more; true when this node is one of them. */
  #cut(at: Node<T>, segments: readonly string[], depth: number): boolean {
    const segment = segments[depth]
    if (segment === undefined) {
      if (at.value !== undefined) this.#size--
      at.value = undefined
    } else {
      const next = at.below.get(segment)
      if (next !== undefined && this.#cut(next, segments, depth + 1)) at.below.delete(segment)
    }
    return at.value === undefined && at.below.size === 0
  }
}
