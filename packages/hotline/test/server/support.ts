/** What the tests of servers share. */
import { type ErrorContext, type ServeOptions, type Server, serve } from '../../src/server/index.ts'

/** An error that a server reported, and where it happened. */
type Reported = readonly [error: unknown, phase: ErrorContext['phase']]

/** A server on a free port that writes down what it reports. */
export async function listening<D>(options: ServeOptions<D>) {
  const reported: Reported[] = []
  const report = (error: unknown, { phase }: ErrorContext): unknown => reported.push([error, phase])
  const server: Server = await serve({ port: 0, report, ...options })
  const { url, port } = server
  if (url === undefined || port === undefined) throw new Error('the server does not listen')
  return { server, url, port, reported, [Symbol.asyncDispose]: () => server.close({ within: 2000 }).then(() => {}) }
}

/** A promise that never is, and the signal by which it may be given up. */
export const never = (signal?: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
