/** How the process ends: its exit code, and one line on standard error that says what to do. */

export const ExitCode = {
  done: 0,
  /** The thing that was checked failed: too few messages, or a line that did not end well. */
  failed: 1,
  /** The command line is wrong, or names a file that is. */
  usage: 2,
  /** Could not connect or listen. */
  unreachable: 3,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** Ends the command; the message is one line for the person who typed it. */
export class Failure extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}
