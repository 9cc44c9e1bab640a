/** An application for browsers that stays on the line, as a user would write it: bundled and compiled by page.test.ts. */
import { CloseCode, ClosedError, type ConnectOptions, connect, type Line, type Received } from 'hotline/client'

export { CloseCode, ClosedError, connect }

/** Follows a topic until so many publications have come; with each state that the line was in. */
export async function follow(url: string, count: number, options: ConnectOptions = {}) {
  const line: Line = connect(url, options)
  const states: string[] = []
  line.on('status', ({ status }) => states.push(status))
  const seen: Received[] = []
  for await (const received of line.topic('log/a', { last: count })) if (seen.push(received) === count) break
  const sum = await line.request('add', [2, 3])
  await line.close()
  return { seen: seen.map(({ offset, recovered, passed }) => ({ offset, recovered, passed })), states, sum }
}

/** Stays on a line that waits for days before it comes back, until it is told to hurry: then it comes as soon as it is woken. */
export function stay(url: string) {
  let chance = 1e6
  const line: Line = connect(url, { random: () => chance })
  const one = { line, seen: [] as Received[], subscribed: 0, hurry: () => void (chance = 0) }
  const topic = line.topic('log/a')
  topic.on('subscribed', () => one.subscribed++)
  topic.on('publication', received => one.seen.push(received))
  return one
}
