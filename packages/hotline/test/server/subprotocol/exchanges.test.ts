/** The exchanges of docs/protocol.md, played: clients send what they send there, and get what they get there, in both forms. */
import { describe, expect, test } from 'vitest'
import { exchanges, type Step } from '../../topics/page.ts'
import { type Client, forms, speaking } from './support.ts'

/** What hangs on the speed of a reader, on the server's end and on an engine's is not played. */
const notPlayed = ['A slow reader', 'A restart', 'An engine that is away']

const played = [...exchanges].filter(([title]) => !notPlayed.includes(title))

describe.each(['hotline.1', 'hotline.1.msgpack'] as const)('in the form of %s', protocol => {
  test.each(played)('%s', async (_, steps) => {
    await using server = await speaking()
    const clients = new Map<string, Client>()
    const epochs = new Map<string, string>()
    for (const step of steps) {
      let client = clients.get(step.client)
      if (client === undefined) clients.set(step.client, (client = await server.connect(protocol)))
      if (step.from === 'client') client.send(messageOf(step, epochs))
      else await gets(client, step, epochs)
    }
    if (steps.at(-1)?.text === 'nonsense') expect((await clients.get('A')?.closed)?.code).toBe(4400)
    for (const client of clients.values()) await client.socket.close()
  })
})

test('all but three exchanges are played', () => {
  expect([...exchanges.keys()]).toEqual(expect.arrayContaining(notPlayed))
  expect(Object.keys(forms)).toHaveLength(2)
  expect(played).toHaveLength(exchanges.size - notPlayed.length)
})

/** What a line of the page says, with the epochs that this server has in place of those of the page. */
function messageOf({ text, bytes }: Step, epochs: ReadonlyMap<string, string>): object | string {
  if (!text.startsWith('{')) return text
  const real = text.replace(/"epoch":"(\w+)"/g, (whole, epoch) => whole.replace(epoch, epochs.get(epoch) ?? epoch))
  return { ...JSON.parse(real), ...(bytes && { data: bytes }) }
}

async function gets(client: Client, step: Step, epochs: Map<string, string>): Promise<void> {
  const shown = messageOf(step, new Map()) as Record<string, unknown>
  let got = (await client.next()) as Record<string, unknown>
  // Changes are gathered for a moment: whoever came meanwhile may be told of itself.
  if (got['type'] === 'presence' && shown['type'] !== 'presence') got = (await client.next()) as typeof got
  if (typeof shown['epoch'] === 'string') epochs.set(shown['epoch'], got['epoch'] as string)
  const wanted = messageOf(step, epochs) as Record<string, unknown>
  if (wanted['reason'] === '*') wanted['reason'] = expect.stringMatching(/^[a-z].{5,}/)
  if (got['data'] instanceof Uint8Array) got['data'] = Buffer.from(got['data'])
  expect(got).toEqual(wanted)
}
