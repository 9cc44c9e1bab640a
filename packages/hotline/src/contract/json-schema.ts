/** The JSON Schema of a validator, where there is one, so that it can stand in a larger document. */
import type { StandardSchema } from './standard.ts'

/** A JSON Schema, draft 7. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** Makes the JSON Schema of a validator that cannot do so itself; undefined where that is not possible. */
export type ToJsonSchema = (schema: StandardSchema) => object | undefined

/** The schema, or why there is none, in words for a reader of the document. */
export type Converted = { readonly schema: JsonSchema } | { readonly none: string }

/** What goes over the wire, not what the validator makes of it. */
export function toJsonSchema(schema: StandardSchema, convert: ToJsonSchema | undefined): Converted {
  const { vendor, jsonSchema } = schema['~standard']
  try {
    const made = convert?.(schema) ?? jsonSchema?.input({ target: 'draft-07' })
    if (made === undefined) return { none: `There is no JSON Schema of it: its validator (${vendor}) makes none.` }
    return { schema: plain(made) }
  } catch (error) {
    return { none: `There is no JSON Schema of it: ${vendor} says "${(error as Error).message}".` }
  }
}

/** As it goes into a file: without what only a document of its own needs. */
function plain(made: object): JsonSchema {
  const { $schema: _, ...schema } = JSON.parse(JSON.stringify(made)) as Record<string, unknown>
  return schema
}

/** Turns references inside a schema, `#/$defs/name`, into such that find it where it stands in the document. */
export function movedTo(place: string, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(one => movedTo(place, one))
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([key, value]) => {
    if (key === '$ref' && typeof value === 'string' && value.startsWith('#')) return [key, place + value.slice(1)]
    return [key, movedTo(place, value)]
  })
  return Object.fromEntries(entries)
}

/** One message of a union: its name, and where it stands in the schema. */
export interface Branch {
  readonly name: string
  /** A JSON Pointer from the schema on; '' for the schema itself. RFC 6901 */
  readonly pointer: string
}

/** The messages of a discriminated union by name; a schema that is none is one message. */
export function branchesOf(schema: JsonSchema, fallback: string): Branch[] {
  for (const keyword of ['oneOf', 'anyOf']) {
    const union = schema[keyword]
    if (!Array.isArray(union) || union.length === 0) continue
    const property = Object.keys(constantsOf(union[0])).find(name => isDiscriminator(union, name))
    if (property === undefined) continue
    return union.map((one, index) => ({
      name: constantsOf(one)[property] as string,
      pointer: `/${keyword}/${index}`,
    }))
  }
  const [name = fallback] = Object.values(constantsOf(schema))
  return [{ name, pointer: '' }]
}

function isDiscriminator(union: readonly unknown[], property: string): boolean {
  const names = union.map(one => constantsOf(one)[property])
  return names.every(name => name !== undefined) && new Set(names).size === names.length
}

/** The properties that have one value only, and that value. */
function constantsOf(schema: unknown): Record<string, string> {
  const properties = (schema as { properties?: unknown } | null)?.properties
  if (typeof properties !== 'object' || properties === null) return {}
  const constants = Object.entries(properties).filter(
    (entry): entry is [string, { const: string }] => typeof (entry[1] as { const?: unknown })?.const === 'string',
  )
  return Object.fromEntries(constants.map(([name, property]) => [name, property.const]))
}
