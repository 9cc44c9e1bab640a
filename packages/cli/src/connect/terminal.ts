/** A prompt at the bottom of a terminal: what arrives goes above it, and what is being typed stays whole. */

import { once } from 'node:events'
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Outlet } from './outlet.ts'

export interface TerminalStreams {
  readonly input: Readable
  /** Where the prompt is. */
  readonly screen: Writable
  /** Where messages go: the screen as well, or somewhere else. */
  readonly out: Writable
}

export class Terminal implements Outlet {
  /** What is typed, line by line, until the end of the input, Ctrl-C or `close`. */
  readonly lines: AsyncIterable<string>
  readonly #readline: Interface
  readonly #screen: Writable
  readonly #out: Writable
  #closed = false

  constructor({ input, screen, out }: TerminalStreams, complete: (line: string) => string[]) {
    this.#screen = screen
    this.#out = out
    this.#readline = createInterface({
      input,
      output: screen,
      terminal: true,
      prompt: '> ',
      completer: (line: string) => [complete(line), line],
    })
    this.#readline.on('SIGINT', () => this.close())
    this.#readline.once('close', () => {
      this.#closed = true
      this.#takeAway()
      if (this.#readline.line !== '') this.#screen.write(`> ${this.#readline.line}\n`)
    })
    this.lines = this.#readline
  }

  prompt(): void {
    if (!this.#closed) this.#readline.prompt()
  }

  async data(text: string): Promise<void> {
    if (this.#out === this.#screen) this.#above(text)
    else if (!this.#out.write(`${text}\n`)) await once(this.#out, 'drain')
  }

  note(text: string): void {
    this.#above(text)
  }

  close(): void {
    this.#readline.close()
  }

  /**
   * Takes the prompt away, writes, and puts it back. Readline begins to draw as many rows above the cursor as it believes
   * it has drawn; there are none now, and after a paste it would be wrong anyway (kInsertString of Node writes a pasted
   * text without counting). The property is not documented: without it, only prompts of several rows are drawn badly.
   */
  #above(text: string): void {
    if (this.#closed) {
      this.#screen.write(`${text}\n`)
      return
    }
    this.#takeAway()
    this.#screen.write(`${text}\n`)
    Object.assign(this.#readline, { prevRows: 0 })
    this.#readline.prompt(true)
  }

  /** Clears the prompt with what is typed after it. */
  #takeAway(): void {
    moveCursor(this.#screen, 0, -this.#readline.getCursorPos().rows)
    cursorTo(this.#screen, 0)
    clearScreenDown(this.#screen)
  }
}
