/** The command `hotline`. */
import { ExitCode } from './exit.ts'
import { run } from './program.ts'

// Whoever reads the output has left, as `head` does when it has enough: there is nothing more to do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await run(process.argv.slice(2))
// Whoever took a connection and never said a word may hold it open still: nobody waits for that.
if (process.exitCode === ExitCode.unreachable) process.stdout.write('', () => process.exit())
