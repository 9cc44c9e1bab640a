/** A process that is told something by its command line and says one line of JSON. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

/** Whether the measured process and the one at its other end can each have a core of their own. */
export const pinned = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0

const CORES = { measured: '0', other: '1' }

export class Child {
  #process
  /** The line that it says. @type {Promise<any>} */
  said
  /** What it said of its process, when it is not the one that was started but a child of that. */
  #pid = 0

  /**
   * @param {readonly string[]} command
   * @param {object} options
   * @param {{ core: keyof typeof CORES, env?: Readonly<Record<string, string>> | undefined, within: number }} how seconds
   */
  constructor(command, options, { core, env, within }) {
    const [file, ...args] = [...(pinned ? ['taskset', '-c', CORES[core]] : []), ...command, JSON.stringify(options)]
    this.#process = spawn(file, args, { stdio: 'pipe', env: { ...process.env, ...env } })
    this.#process.stdin.on('error', () => {})
    this.said = this.#line(within)
    // Who waits for another child first must not be ended by this one.
    this.said.catch(() => {})
  }

  async #line(/** @type {number} */ within) {
    const { stdout, stderr } = this.#process
    const out = collect(stdout)
    const errors = collect(stderr)
    const line = new Promise(resolve => stdout.on('data', () => out.text.includes('\n') && resolve('line')))
    const end = new Promise((resolve, reject) => {
      this.#process.on('error', reject)
      this.#process.on('close', () => resolve('end'))
    })
    const late = new Promise(resolve => setTimeout(resolve, within * 1000, 'late').unref())
    const first = await Promise.race([line, end, late])
    if (first === 'late') throw new Error(`no answer within ${within} s`)
    if (first === 'end' && !out.text.includes('\n')) throw new Error(reason(errors.text))
    const said = JSON.parse(out.text.split('\n', 1)[0])
    this.#pid = said.pid ?? 0
    return said
  }

  /** Ends it, and waits until it is gone. */
  async stop() {
    const ended = this.#process.exitCode === null && this.#process.signalCode === null && once(this.#process, 'close')
    this.#process.kill('SIGKILL')
    if (this.#pid && this.#pid !== this.#process.pid) {
      try {
        process.kill(this.#pid, 'SIGKILL')
      } catch {}
    }
    await ended
  }
}

function collect(/** @type {import('node:stream').Readable} */ stream) {
  const collected = { text: '' }
  stream.setEncoding('utf8').on('data', text => {
    collected.text += text
  })
  return collected
}

/** The line of an output that says what went wrong: that of the error, or the last. */
function reason(/** @type {string} */ output) {
  const lines = output.trim().split('\n')
  return lines.find(line => /Error\b.*:/.test(line)) ?? (lines.at(-1) || 'ended without a word')
}
