/** The line on which the server says what it counted, and what time it is there. */
import { connect, type Line, type LineState } from 'hotline/client'
import type { FromPage, ToPage } from '../words.ts'

export interface SessionListener {
  /** The server knows this page by that name from now on. */
  visit(id: string): void
  counted(word: Extract<ToPage, { published: number }>): void
  status(state: LineState): void
}

/** A server that says nothing for so many milliseconds is asked, and given up so long after: it reports four times a second. */
const SILENCE = 2000

/** Milliseconds between two looks at the server's clock, and how many of them are remembered. */
const LOOK = 1000
const LOOKS = 10

interface Look {
  readonly trip: number
  readonly offset: number
}

export class Session {
  readonly #line: Line
  readonly #listener: SessionListener
  #looks: Look[] = []
  #rate: number

  constructor(url: string, rate: number, listener: SessionListener) {
    this.#listener = listener
    this.#rate = rate
    const heartbeat = { interval: SILENCE, timeout: SILENCE, message: JSON.stringify({ ping: 0 }) }
    this.#line = connect(url, { protocols: [], backoff: { cap: 3000 }, heartbeat })
    this.#line.on('message', text => this.#hear(JSON.parse(String(text))))
    this.#line.on('status', state => listener.status(state))
    setInterval(() => this.#look(), LOOK)
  }

  set rate(rate: number) {
    this.#rate = rate
    this.#say({ rate })
  }

  /** The server's clock now: by the look that was back the soonest, so that it is wrong by half of its way at most. */
  get now(): number {
    const best = this.#looks.toSorted((a, b) => a.trip - b.trip)[0]
    return performance.now() + (best?.offset ?? 0)
  }

  #hear(word: ToPage): void {
    if ('visit' in word) {
      this.#looks = []
      for (let look = 0; look < 3; look++) this.#look()
      this.#say({ rate: this.#rate })
      this.#listener.visit(word.visit)
    } else if ('pong' in word) {
      const now = performance.now()
      const trip = now - word.pong
      this.#looks = [...this.#looks, { trip, offset: word.now + trip / 2 - now }].slice(-LOOKS)
    } else if ('published' in word) this.#listener.counted(word)
  }

  #look(): void {
    this.#say({ ping: performance.now() })
  }

  /** What waited while the line was away would be out of date. */
  #say(word: FromPage): void {
    if (this.#line.status === 'open') void this.#line.send(JSON.stringify(word))
  }
}
