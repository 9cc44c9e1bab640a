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
