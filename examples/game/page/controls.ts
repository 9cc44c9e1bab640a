/** Keyboard, a stick under the thumb, and gamepads, as one wish for the next step. */
import { IDLE, type Steer, steerOf } from '../ship.ts'

const KEYS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  KeyW: [0, -1],
  ArrowUp: [0, -1],
  KeyA: [-1, 0],
  ArrowLeft: [-1, 0],
  KeyS: [0, 1],
  ArrowDown: [0, 1],
  KeyD: [1, 0],
  ArrowRight: [1, 0],
}

/** Pixels from the middle of the stick to its edge. */
export const REACH = 52
const DEAD = 0.18

/** Where the thumb went down, and where it is. */
export interface Stick {
  readonly pointer: number
  readonly x: number
  readonly y: number
  readonly toX: number
  readonly toY: number
}

export class Controls {
  /** Undefined while no thumb is down. */
  stick: Stick | undefined
  readonly #keys = new Set<string>()
  #button = false

  /** @param dash - the button for thumbs */
  constructor(arena: HTMLElement, dash: HTMLButtonElement) {
    this.#listenToKeys(arena)
    this.#listenToThumbs(arena)
    const hold = (down: boolean) => (event: Event) => {
      event.preventDefault()
      this.#button = down
    }
    dash.addEventListener('pointerdown', hold(true))
    for (const name of ['pointerup', 'pointercancel', 'pointerleave']) dash.addEventListener(name, hold(false))
  }

  /** Whatever says most: keys, the stick, or a gamepad. */
  get steer(): Steer {
    const pad = gamepad()
    const [x, y] = this.#direction() ?? pad?.direction ?? [0, 0]
    const dash = this.#keys.has('Space') || this.#button || pad?.dash === true
    return x === 0 && y === 0 && !dash ? IDLE : steerOf(x * 127, y * 127, dash)
  }

  #direction(): readonly [x: number, y: number] | undefined {
    if (this.stick !== undefined) {
      const { x, y, toX, toY } = this.stick
      return beyondDead((toX - x) / REACH, (toY - y) / REACH)
    }
    let [right, down] = [0, 0]
    for (const key of this.#keys) {
      right += KEYS[key]?.[0] ?? 0
      down += KEYS[key]?.[1] ?? 0
    }
    return right === 0 && down === 0 ? undefined : [Math.sign(right), Math.sign(down)]
  }

  /** Only while the arena has the focus: elsewhere on the page the keys do what they always do. */
  #listenToKeys(arena: HTMLElement): void {
    arena.addEventListener('keydown', event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (!(event.code in KEYS) && event.code !== 'Space') return
      event.preventDefault()
      this.#keys.add(event.code)
    })
    arena.addEventListener('keyup', event => this.#keys.delete(event.code))
    arena.addEventListener('blur', () => this.#keys.clear())
  }

  #listenToThumbs(arena: HTMLElement): void {
    arena.addEventListener('pointerdown', event => {
      if (event.pointerType !== 'touch' || this.stick !== undefined) return
      arena.setPointerCapture(event.pointerId)
      const { offsetX: x, offsetY: y } = event
      this.stick = { pointer: event.pointerId, x, y, toX: x, toY: y }
    })
    arena.addEventListener('pointermove', event => {
      if (event.pointerId !== this.stick?.pointer) return
      this.stick = { ...this.stick, toX: event.offsetX, toY: event.offsetY }
    })
    const up = (event: PointerEvent) => {
      if (event.pointerId === this.stick?.pointer) this.stick = undefined
    }
    arena.addEventListener('pointerup', up)
    arena.addEventListener('pointercancel', up)
  }
}

const beyondDead = (x: number, y: number): readonly [x: number, y: number] | undefined =>
  Math.hypot(x, y) < DEAD ? undefined : [x, y]

function gamepad(): { direction: readonly [x: number, y: number] | undefined; dash: boolean } | undefined {
  const pad = navigator.getGamepads?.().find(one => one?.connected)
  if (!pad) return undefined
  return { direction: beyondDead(pad.axes[0] ?? 0, pad.axes[1] ?? 0), dash: pad.buttons[0]?.pressed === true }
}
