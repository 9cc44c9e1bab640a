/** An application for browsers whose line has a contract, as a user would write it: bundled and compiled by page.test.ts. */
import { connect, connectTyped } from 'hotline/client'
import { contract, SchemaError, typedLine } from 'hotline/contract'
import * as v from 'valibot'

export const terms = contract({
  topics: {
    'room/*': {
      data: v.object({ text: v.string(), at: v.pipe(v.string(), v.isoTimestamp(), v.toDate()) }),
      presence: v.object({ name: v.string() }),
    },
  },
  requests: {
    client: { sum: { data: v.array(v.number()), reply: v.number() } },
    server: { confirm: { data: v.string(), reply: v.boolean() } },
  },
})

/** Reads two publications of a room, of which the server says more, and asks and is asked. */
export async function talk(url: string) {
  const invalid: string[] = []
  await using line = connectTyped(url, terms, {
    invalid: (error, { offset }) => invalid.push(`${error instanceof SchemaError} ${offset} ${error.path}`),
  })
  line.answer('confirm', question => question === 'sure?')
  const seen: unknown[] = []
  for await (const { data, passed } of line.topic('room/lobby', { last: 10 })) {
    seen.push([data.text, data.at.getTime(), passed])
    if (seen.length === 2) break
  }
  const sum = await line.request('sum', [2, 3])
  // The other way to the same: over a line that is there already.
  await using other = typedLine(terms, connect(url))
  const refused = await other
    .publish('room/lobby', { text: 'hello', at: 'today' })
    .catch((error: { answer?: object }) => error.answer)
  return { seen, invalid, sum, refused }
}
