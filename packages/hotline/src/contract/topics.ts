/** The topics of a contract: what is published to those of a pattern, and what is seen of who is there. */
import { UsageError } from '../errors.ts'
import { checkPattern, fits } from '../topics/names.ts'
import type { Deciding, NameOf } from './names.ts'
import { type InferInput, type InferOutput, isSchema, type StandardSchema } from './standard.ts'

/** What holds for the topics of one pattern. */
export interface TopicParts {
  /** What is published. */
  readonly data: StandardSchema
  /**
   * What everybody may see of a member.
   * @defaultValue anything, unchecked
   */
  readonly presence?: StandardSchema
}

/** By patterns such as `room/*`; the first one that a topic fits decides. A schema alone is that of the data. */
export type TopicsParts = Readonly<Record<string, StandardSchema | TopicParts>>

/** The schemas of one topic. */
export interface TopicSchemas {
  readonly data: StandardSchema
  readonly presence: StandardSchema | undefined
}

/** What a contract has of topics, as far as types go. */
interface WithTopics {
  readonly topics: unknown
}

type PatternOf<C extends WithTopics> = keyof C['topics'] & string

/** The names of topics that a contract has: `room/${string}` for `room/*`. */
export type TopicName<C extends WithTopics> = NameOf<PatternOf<C>>

/** The name where it fits a pattern, segment by segment; else never. */
export type FittingName<C extends WithTopics, Name extends string> =
  Deciding<PatternOf<C>, Name> extends never ? never : Name

export type DataSchema<Part> = Part extends StandardSchema ? Part : Part extends { readonly data: infer S } ? S : never

export type PresenceSchema<Part> = Part extends StandardSchema
  ? undefined
  : Part extends { readonly presence: infer S }
    ? S
    : undefined

/**
 * What is published to a topic. Where several patterns may decide, since the name is known only when it runs, it is what
 * fits all of them.
 */
export type TopicData<C extends WithTopics, Name extends string> =
  Deciding<PatternOf<C>, Name> extends never ? never : OfAll<C, Deciding<PatternOf<C>, Name>>

type OfAll<C extends WithTopics, Patterns extends PatternOf<C>> = {
  [P in Patterns]: (data: InferInput<DataSchema<C['topics'][P]>>) => void
}[Patterns] extends (data: infer Data) => void
  ? Data
  : never

/** The same once the validator of whoever reads has passed it. Where several patterns may decide, it is of any of them. */
export type FromTopic<C extends WithTopics, Name extends string> = {
  [P in Deciding<PatternOf<C>, Name>]: InferOutput<DataSchema<C['topics'][P]>>
}[Deciding<PatternOf<C>, Name>]

/** What is seen of a member, once the validator has passed it; unknown where the contract does not say it. */
export type FromPresence<C extends WithTopics, Name extends string> = {
  [P in Deciding<PatternOf<C>, Name>]: PresenceOf<PresenceSchema<C['topics'][P]>>
}[Deciding<PatternOf<C>, Name>]

type PresenceOf<S> = S extends StandardSchema ? InferOutput<S> : unknown

export function schemasOf(part: StandardSchema | TopicParts): TopicSchemas {
  return isSchema(part) ? { data: part, presence: undefined } : { data: part.data, presence: part.presence }
}

/** The schemas of the first pattern that the topic fits. */
export function schemasFor(topics: TopicsParts | undefined, topic: string): TopicSchemas | undefined {
  const found = Object.entries(topics ?? {}).find(([pattern]) => fits(topic, pattern))
  return found && schemasOf(found[1])
}

/** @throws UsageError for what is no pattern or no schema, and for a pattern that never decides */
export function checkTopics(topics: TopicsParts): void {
  const before: string[] = []
  for (const [pattern, part] of Object.entries(topics)) {
    checkPattern(pattern)
    checkParts(pattern, isSchema(part) ? { data: part } : part)
    const wider = before.find(one => covers(one, pattern))
    if (wider !== undefined) {
      throw new UsageError(`topics ${pattern} must stand before ${wider}, which has all of its topics`, 'topics')
    }
    before.push(pattern)
  }
}

function checkParts(pattern: string, parts: TopicParts): void {
  if (!isSchema(parts?.data)) throw new UsageError(`topics ${pattern} of a contract need a Standard Schema`, 'topics')
  for (const [name, schema] of Object.entries(parts)) {
    if (name !== 'data' && name !== 'presence') {
      throw new UsageError(`topics ${pattern} of a contract have no ${name}; they have data, presence`, 'topics')
    }
    if (schema === undefined || isSchema(schema)) continue
    throw new UsageError(`${name} of topics ${pattern} must be a Standard Schema`, 'topics')
  }
}

/** True when the pattern has all topics of the other. */
const covers = (pattern: string, other: string): boolean => (!isOpen(other) || isOpen(pattern)) && fits(other, pattern)

const isOpen = (pattern: string): boolean => pattern.split('/').at(-1) === '**'
