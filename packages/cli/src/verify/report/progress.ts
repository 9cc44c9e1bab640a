/** How far a run is: a bar on a terminal, nothing elsewhere. */
const WIDTH = 30

export class Progress {
  readonly #total: number
  readonly #out: NodeJS.WriteStream
  #done = 0
  #failed = 0

  constructor(total: number, out: NodeJS.WriteStream = process.stderr) {
    this.#total = total
    this.#out = out
  }

  step(failed: boolean): void {
    this.#done++
    if (failed) this.#failed++
    if (!this.#out.isTTY) return
    const full = Math.round((WIDTH * this.#done) / this.#total)
    const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full)
    this.#out.write(`\r${bar} ${this.#done}/${this.#total}${this.#failed > 0 ? `, ${this.#failed} failed` : ''} `)
  }

  /** Leaves the line as it was. */
  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[K')
  }
}
