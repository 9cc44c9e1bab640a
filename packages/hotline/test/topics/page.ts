/** What docs/protocol.md says in a form for programs: its schemas, and its exchanges. */
import { readFileSync } from 'node:fs'

export const page = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8')

/** A JSON Schema with its title. */
interface Schema {
  readonly title: string
  readonly properties: { readonly type: { readonly const: string } }
}

/** The schemas of the page, each with who sends the message. */
export const schemas = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = '']) => {
  const schema = JSON.parse(text) as Schema
  const [from = '', type = ''] = schema.title.split(': ')
  return { schema, from, type }
})

/** One line of an exchange. */
export interface Step {
  /** The client: A or B. */
  readonly client: string
  readonly from: 'client' | 'server'
  /** As it stands there: JSON as a rule. */
  readonly text: string
  /** The bytes behind it, where the message is binary. */
  readonly bytes?: Uint8Array
}

/** The exchanges of the page by their titles, without the remarks. */
export const exchanges: ReadonlyMap<string, readonly Step[]> = new Map(
  [...page.matchAll(/^### (.+)\n\n```text\n([\s\S]*?)^```$/gm)].map(([, title = '', lines = '']) => [
    title,
    lines
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .map(stepOf),
  ]),
)

function stepOf(line: string): Step {
  const [, client = '', sign, text = '', hex] = /^([AB])([<>]) (.*?)(?: \+ ([0-9a-f]*))?$/.exec(line) ?? []
  if (sign === undefined) throw new Error(`this is no line of an exchange: ${line}`)
  const from = sign === '>' ? 'client' : 'server'
  return hex === undefined ? { client, from, text } : { client, from, text, bytes: Buffer.from(hex, 'hex') }
}
