/** What is said about an error to the person who typed the command. */
import { CommanderError } from 'commander'
import { UsageError, WebSocketError } from 'hotline'
import { harmless } from './connect/printer.ts'
import { ExitCode, Failure } from './exit.ts'

/** What is said about an error, and the exit code of the command that has this name. */
export function verdictOn(error: unknown, name: string): { readonly text: string; readonly exitCode: ExitCode } {
  if (error instanceof Failure) return { text: oneLine(error.message), exitCode: error.exitCode }
  if (error instanceof CommanderError || error instanceof UsageError)
    return { text: `${sentence(error.message)}; see ${name} --help`, exitCode: ExitCode.usage }
  if (error instanceof WebSocketError) return { text: oneLine(error.message), exitCode: ExitCode.failed }
  const text = `this is a fault of hotline itself: ${error instanceof Error ? error.stack : error}`
  return { text, exitCode: ExitCode.failed }
}

const oneLine = (text: string): string => harmless(text).replaceAll('\n', ' ')

/** Commander begins with "error:" and has its suggestion on a line of its own; the library names its functions. */
function sentence(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/ of (openSocket|serve)\b/, '')
    .replace(/\n\((.*)\)$/s, ' ($1)')
    .replace(/\. It must/, ': it must')
    .replace(/\.$/, '')
    .replaceAll('\n', ' ')
}
