/** Event handler attributes, such as `onmessage`. HTML §8.1.8.1 */

/** What an on… attribute holds. */
export type EventHandler<E extends Event> = ((this: EventTarget, event: E) => unknown) | null

/** Those of EventTarget, whatever a class that extends ours makes of them. */
const { addEventListener, removeEventListener } = EventTarget.prototype

/** What an attribute holds, and what is registered for it. */
interface Entry {
  handler: EventHandler<never>
  readonly listener: (event: Event) => void
}

/**
 * Event handler attributes: the first assignment registers a listener in order, later ones replace what it calls, and
 * null takes it away.
 */
export class HandlerAttributes {
  readonly #target: EventTarget
  /** By the type of the event; a Map takes several times as much memory. */
  readonly #handlers: Record<string, Entry | undefined> = {}

  constructor(target: EventTarget) {
    this.#target = target
  }

  get<E extends Event>(type: string): EventHandler<E> {
    return (this.#handlers[type]?.handler ?? null) as EventHandler<E>
  }

  set<E extends Event>(type: string, value: EventHandler<E>): void {
    const handler = typeof value === 'function' || (typeof value === 'object' && value !== null) ? value : null
    const known = this.#handlers[type]
    if (handler === null) {
      if (known !== undefined) removeEventListener.call(this.#target, type, known.listener)
      this.#handlers[type] = undefined
    } else if (known !== undefined) known.handler = handler as EventHandler<never>
    else this.#add(type, handler as EventHandler<never>)
  }

  #add(type: string, handler: EventHandler<never>): void {
    const entry: Entry = {
      handler,
      listener: (event: Event): void => {
        const current = entry.handler as unknown
        if (typeof current === 'function' && current.call(this.#target, event) === false) event.preventDefault()
      },
    }
    this.#handlers[type] = entry
    addEventListener.call(this.#target, type, entry.listener)
  }
}
