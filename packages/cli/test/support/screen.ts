/** A terminal of so many columns: what is to be seen on it after all that was written. ECMA-48 */
import { PassThrough } from 'node:stream'
import { Log } from '../../../hotline/test/support/deadline.ts'

const ESCAPE = '\u001b'
const TOKEN = new RegExp(String.raw`${ESCAPE}\[(?<parameter>\d*)(?<command>[A-Z])|${ESCAPE}.|[\s\S]`, 'gu')

/** To be given to readline as its output. */
export class Screen extends PassThrough {
  readonly columns: number
  readonly isTTY = true
  readonly #changes = new Log<string>()
  #lines: string[][] = [[]]
  #row = 0
  #column = 0

  constructor(columns = 80) {
    super()
    this.columns = columns
    this.setEncoding('utf8')
    this.on('data', (text: string) => {
      for (const token of text.matchAll(TOKEN)) this.#obey(token[0], token.groups ?? {})
      this.#changes.push(this.text)
    })
  }

  /** What is to be seen, without empty lines at the end. */
  get text(): string {
    return this.#lines
      .map(line =>
        Array.from(line, cell => cell ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd()
  }

  /** Where the cursor is. */
  get cursor(): [row: number, column: number] {
    return [this.#row, this.#column]
  }

  /** Waits until this is to be seen. */
  until(text: string): Promise<void> {
    return this.#changes.until(`'${text}' on the screen`, () => this.text.includes(text))
  }

  #obey(token: string, { parameter, command }: Record<string, string | undefined>): void {
    const count = Number(parameter || 1)
    if (token === '\n') this.#down()
    else if (token === '\r') this.#column = 0
    else if (command === undefined) this.#put(token)
    else if (command === 'A') this.#row = Math.max(0, this.#row - count)
    else if (command === 'B') this.#row += count
    else if (command === 'C') this.#column += count
    else if (command === 'D') this.#column -= count
    else if (command === 'G') this.#column = count - 1
    else if (command === 'J') this.#clearDown()
    else if (command === 'K') this.#line.length = this.#column
    else if (command !== 'M') throw new Error(`the screen does not know ${JSON.stringify(token)}`)
  }

  get #line(): string[] {
    while (this.#lines.length <= this.#row) this.#lines.push([])
    return this.#lines[this.#row] ?? []
  }

  #put(character: string): void {
    if (character < ' ') return
    if (this.#column === this.columns) this.#down()
    this.#line[this.#column++] = character
  }

  /** A terminal turns a line feed into a new line. */
  #down(): void {
    this.#row++
    this.#column = 0
  }

  #clearDown(): void {
    this.#line.length = Math.min(this.#line.length, this.#column)
    this.#lines.length = this.#row + 1
  }
}
