/** Why a server cannot listen, as advice. */
import { ExitCode, Failure } from '../exit.ts'

interface Wanted {
  readonly host: string
  readonly port: number
  /** The option that names the port. */
  readonly option: string
}

/** By what the system says. */
export function whyNotListening(error: unknown, { host, port, option }: Wanted): Failure {
  const { code, message } = error as NodeJS.ErrnoException
  const advice: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} of ${host} is in use; stop what listens there, or choose another with ${option} (0 picks a free one)`,
    EACCES: `this user may not listen on port ${port}; choose one from 1024 on with ${option}`,
    EADDRNOTAVAIL: `${host} is not an address of this machine; choose another with --host`,
    ENOTFOUND: `there is no host named ${host}; choose another with --host`,
  }
  return new Failure(ExitCode.unreachable, advice[code ?? ''] ?? message)
}
