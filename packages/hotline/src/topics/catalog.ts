/** The topics that there is somebody or something in, and the rules of all. */
import { checkPattern, fits, type PatternTree } from './names.ts'
import { PLAIN, type TopicRules } from './rules.ts'
import { Forgotten, type TopicSums } from './sums.ts'
import { type PatternReaders, Topic } from './topic.ts'

/** The rules of each pattern; the first pattern that a topic fits decides. */
export type RuleTable = readonly (readonly [pattern: string, rules: TopicRules])[]

export class Catalog {
  readonly #rules: RuleTable
  readonly #patterns: PatternTree<PatternReaders>
  readonly #topics = new Map<string, Topic>()
  readonly #forgotten = new Forgotten()

  /** @throws UsageError when one of the patterns is none */
  constructor(rules: RuleTable, patterns: PatternTree<PatternReaders>) {
    for (const [pattern] of rules) checkPattern(pattern)
    this.#rules = rules
    this.#patterns = patterns
  }

  /** The rules that hold for a topic. */
  rulesOf(name: string): TopicRules {
    return this.#topics.get(name)?.rules ?? this.#rules.find(([pattern]) => fits(name, pattern))?.[1] ?? PLAIN
  }

  /** Undefined when there is nobody and nothing in it. */
  get(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  /** It is there from now on. */
  open(name: string): Topic {
    let topic = this.#topics.get(name)
    if (topic === undefined) this.#topics.set(name, (topic = new Topic(name, this.rulesOf(name))))
    return topic
  }

  /** As it is needed for a publication: for those who read it, by name or by patterns, or for its history. */
  wanted(name: string): Topic | undefined {
    const topic = this.#topics.get(name)
    if (topic !== undefined) return topic
    const needed = this.rulesOf(name).history !== undefined || this.#patterns.find(name).length > 0
    return needed ? this.open(name) : undefined
  }

  /** Figures of all, those that are forgotten among them. */
  get sums(): TopicSums {
    return this.#forgotten.with(this.#topics.values())
  }

  names(): IterableIterator<string> {
    return this.#topics.keys()
  }

  /** A topic may have become empty: then it is forgotten. */
  left(topic: Topic): void {
    if (topic.isEmpty && this.#topics.get(topic.name) === topic) this.#drop(topic)
  }

  close(): void {
    for (const topic of this.#topics.values()) this.#drop(topic)
  }

  #drop(topic: Topic): void {
    this.#topics.delete(topic.name)
    this.#forgotten.add(topic)
    topic.window?.clear()
    topic.presence?.close()
  }
}
