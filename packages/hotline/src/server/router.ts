/** From a path to its route: whole segments, parameters, and a rest. */
import { UsageError } from '../errors.ts'

/** The parameters that a pattern names: `/chat/:room` has `room`, and a final `*` is the rest. */
export type Params<Pattern extends string> = string extends Pattern
  ? Readonly<Record<string, string>>
  : { readonly [Name in Names<Pattern>]: string }

type Names<Pattern extends string> = Pattern extends `${infer Head}/${infer Rest}`
  ? NameOf<Head> | Names<Rest>
  : NameOf<Pattern>
type NameOf<Segment extends string> = Segment extends `:${infer Name}` ? Name : Segment extends '*' ? '*' : never

/** A route that fits, with what stood in the places of its parameters. */
export interface Match<T> {
  readonly route: T
  readonly params: Readonly<Record<string, string>>
}

interface Entry<T> {
  readonly segments: readonly string[]
  readonly route: T
}

/** Without a prototype, so that no name means anything. */
const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(Object.create(null))

/** A pattern without parameters goes first; among the others, the one that was named first. */
export class Router<T> {
  readonly #fixed = new Map<string, T>()
  readonly #patterns: Entry<T>[] = []
  /** The patterns without the names of their parameters. */
  readonly #shapes = new Set<string>()

  constructor(routes: Iterable<readonly [pattern: string, route: T]>) {
    for (const [pattern, route] of routes) this.#add(pattern, route)
  }

  /** Undefined when no route fits, or a segment is not properly encoded. */
  match(path: string): Match<T> | undefined {
    const fixed = this.#fixed.get(path)
    if (fixed !== undefined) return { route: fixed, params: NO_PARAMS }
    const segments = path.split('/')
    for (const { segments: pattern, route } of this.#patterns) {
      const params = matchSegments(pattern, segments)
      if (params !== undefined) return { route, params }
    }
    return undefined
  }

  #add(pattern: string, route: T): void {
    if (!pattern.startsWith('/')) throw new UsageError(`a route begins with /, so '${pattern}' is none`, 'routes')
    const segments = pattern.split('/').map(asInUrl)
    const names = segments.filter(segment => segment.startsWith(':') || segment === '*')
    if (names.includes(':') || new Set(names).size < names.length) {
      throw new UsageError(`the parameters of route '${pattern}' need different names`, 'routes')
    }
    if (segments.slice(0, -1).includes('*'))
      throw new UsageError(`* comes last in a route, unlike in '${pattern}'`, 'routes')
    const shape = segments.map(segment => (segment.startsWith(':') ? ':' : segment)).join('/')
    if (this.#shapes.has(shape)) {
      throw new UsageError(`route '${pattern}' would never be reached: one before it fits the same paths`, 'routes')
    }
    this.#shapes.add(shape)
    if (names.length === 0) this.#fixed.set(segments.join('/'), route)
    else this.#patterns.push({ segments, route })
  }
}

/** A segment of a pattern as URLs write it: what people read may have other characters. Parameters keep their names. */
const asInUrl = (segment: string): string =>
  segment.startsWith(':') ? segment : segment.replace(/[^!-~]|["<>`{}]/gu, encodeURIComponent)

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const rest = pattern.at(-1) === '*'
  if (rest ? segments.length < pattern.length : segments.length !== pattern.length) return undefined
  const params: Record<string, string> = Object.create(null)
  for (const [index, part] of pattern.entries()) {
    const segment = part === '*' ? segments.slice(index).join('/') : (segments[index] as string)
    if (part !== '*' && !part.startsWith(':')) {
      if (part !== segment) return undefined
      continue
    }
    const value = decode(segment)
    if (value === undefined || value === '') return undefined
    params[part === '*' ? part : part.slice(1)] = value
  }
  return params
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
