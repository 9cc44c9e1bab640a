/** How far each run is: one line for each client, redrawn on a terminal; nothing elsewhere. */
import { createLogUpdate } from 'log-update'
import { colorsFor, hasColors } from '../../colors.ts'
import { harmless } from '../../connect/printer.ts'

/** Where it is shown. */
export interface ProgressScreen extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

interface Run {
  done: number
  failed: number
  readonly total: number
}

/** Columns of the bar, where there is room. */
const BAR = 40
/** Milliseconds between two drawings. */
const REDRAW = 50

export class Progress implements Disposable {
  readonly #screen: ProgressScreen
  readonly #block: ReturnType<typeof createLogUpdate> | undefined
  readonly #runs = new Map<string, Run>()
  #drawn = 0

  constructor(screen: ProgressScreen) {
    this.#screen = screen
    const redraws = screen.isTTY === true && process.env['TERM'] !== 'dumb'
    this.#block = redraws ? createLogUpdate(screen as NodeJS.WriteStream) : undefined
  }

  /** `name` may be empty when there is but one. */
  step(name: string, total: number, failed: boolean): void {
    const run = this.#runs.get(name) ?? { done: 0, failed: 0, total }
    this.#runs.set(name, run)
    run.done++
    if (failed) run.failed++
    const now = performance.now()
    if (run.done < total && now - this.#drawn < REDRAW) return
    this.#drawn = now
    this.#draw()
  }

  /** This run is over: its line goes, so that its report can be written there. */
  forget(name: string): void {
    this.#runs.delete(name)
    this.#block?.clear()
    if (this.#runs.size > 0) this.#draw()
  }

  /** Leaves the screen as it was. */
  [Symbol.dispose](): void {
    this.#block?.clear()
    this.#block?.done()
  }

  #draw(): void {
    const { columns = 80 } = this.#screen
    this.#block?.([...this.#runs].map(([name, run]) => line(name, run, columns, this.#screen)).join('\n'))
  }
}

/** Never wider than the terminal. */
function line(name: string, { done, failed, total }: Run, columns: number, screen: ProgressScreen): string {
  const { cyan, dim, red } = colorsFor(screen)
  const plain = harmless(name).replaceAll(/\s+/g, ' ')
  const most = Math.floor(columns / 3)
  const label = plain === '' ? '' : `${plain.length > most ? `${plain.slice(0, most - 1)}…` : plain} `
  const count = ` ${Math.min(done, total)}/${total}`
  const bad = failed > 0 ? `, ${failed} failed` : ''
  const room = Math.max(0, Math.min(BAR, columns - 1 - label.length - count.length - bad.length))
  const full = Math.min(room, Math.round((room * done) / total))
  return `${label}${cyan('█'.repeat(full))}${dim('░'.repeat(room - full))}${count}${red(bad)}`.slice(
    0,
    hasColors(screen) ? undefined : columns,
  )
}
