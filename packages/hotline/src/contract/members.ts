/** Who is in a topic, with the public data that its contract says. */
import type { SchemaError } from '../errors.ts'
import { afterRead, readValue } from './reader.ts'
import type { StandardSchema } from './standard.ts'

/** Data as it came, and what its validator made of it. */
interface Passed {
  readonly raw: unknown
  readonly value: unknown
}

export class TypedMembers {
  readonly #schema: StandardSchema | undefined
  readonly #misfit: (error: SchemaError, member: string) => unknown
  readonly #passed = new Map<string, Passed>()

  /** @param schema - undefined where the data may be anything */
  constructor(schema: StandardSchema | undefined, misfit: (error: SchemaError, member: string) => unknown) {
    this.#schema = schema
    this.#misfit = misfit
  }

  /** Looks at those who came; a promise where a validator takes time. */
  take(join: Readonly<Record<string, unknown>>, there: ReadonlyMap<string, unknown> | undefined): void | Promise<void> {
    for (const key of this.#passed.keys()) if (!there?.has(key)) this.#passed.delete(key)
    const waits: Promise<void>[] = []
    for (const [key, raw] of Object.entries(join)) {
      const taken = this.#takeOne(key, raw)
      if (taken instanceof Promise) waits.push(taken)
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => {})
  }

  /** Those of them whose data has passed. */
  among(members: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
    if (this.#schema === undefined) return members
    const fitting = new Map<string, unknown>()
    for (const [key, raw] of members) {
      const passed = this.#passed.get(key)
      if (passed !== undefined && passed.raw === raw) fitting.set(key, passed.value)
    }
    return fitting
  }

  #takeOne(key: string, raw: unknown): void | Promise<void> {
    if (this.#schema === undefined) return undefined
    return afterRead<void>(readValue(this.#schema, raw), read => {
      if (read.error !== undefined) this.#misfit(read.error, key)
      else this.#passed.set(key, { raw, value: read.message })
    })
  }
}
