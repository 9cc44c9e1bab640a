/** From a message to what it means: decoded, and passed by its validator. */
import { SchemaError, type SchemaIssue } from '../errors.ts'
import { type Codec, decode } from './codec.ts'
import type { StandardIssue, StandardResult, StandardSchema } from './standard.ts'

/** A message as its validator passed it, or why it did not. */
export type Read = { readonly message: unknown; readonly error?: undefined } | { readonly error: SchemaError }

/** The longest path and the most issues of an error: a peer can make both as long as its message. */
const MAX_PATH = 80
const MAX_ISSUES = 20

/**
 * A promise only where the validator gives one.
 *
 * @param schema - undefined where the other side may say nothing
 * @throws what the validator throws
 */
export function readMessage(
  schema: StandardSchema | undefined,
  codec: Codec,
  data: string | Uint8Array,
): Read | Promise<Read> {
  if (schema === undefined) return refusal([{ message: 'no message is expected here' }])
  const decoded = decode(codec, data)
  return decoded instanceof SchemaError ? { error: decoded } : readValue(schema, decoded.value)
}

/**
 * The same for what is decoded already.
 *
 * @param schema - undefined where nothing may be there
 * @throws what the validator throws
 */
export function readValue(schema: StandardSchema | undefined, value: unknown): Read | Promise<Read> {
  if (schema === undefined)
    return value === undefined ? { message: value } : refusal([{ message: 'no data is expected here' }])
  try {
    const result = schema['~standard'].validate(value)
    return result instanceof Promise ? result.then(readOf, tooDeep) : readOf(result)
  } catch (error) {
    return tooDeep(error)
  }
}

/** Goes on with what was read: at once, or when the validator has found out. */
export const afterRead = <T>(read: Read | Promise<Read>, act: (read: Read) => T | Promise<T>): T | Promise<T> =>
  read instanceof Promise ? read.then(act) : act(read)

function readOf(result: StandardResult<unknown>): Read {
  return result.issues === undefined ? { message: result.value } : refusal(result.issues)
}

/** A validator that calls itself for each level of a message comes to its end in a message that is nested deeply enough. */
function tooDeep(error: unknown): Read {
  if (error instanceof RangeError) return refusal([{ message: 'the message is nested too deeply' }])
  throw error
}

function refusal(given: readonly StandardIssue[]): Read {
  const issues = given.slice(0, MAX_ISSUES).map(({ path, message }) => ({ path: pathOf(path), message }))
  const [first = { path: '', message: 'the message does not fit' }, ...rest] = issues
  return { error: new SchemaError([first, ...rest] satisfies [SchemaIssue, ...SchemaIssue[]]) }
}

/** As a program would write it: `items[3].name`. */
function pathOf(path: StandardIssue['path'] = []): string {
  let text = ''
  for (const segment of path) {
    const key = String(typeof segment === 'object' ? segment.key : segment)
    if (/^\d+$/.test(key)) text += `[${key}]`
    else text += text === '' ? key : `.${key}`
    if (text.length > MAX_PATH) return `${text.slice(0, MAX_PATH)}…`
  }
  return text
}
