/** The line of a node to a relay: whether there is one, and whether it answers. */
import { BackplaneError } from '../../errors.ts'
import { type Asked, type Channel, type Envelope, EVERYBODY, type LinkClock, type Told } from './channel.ts'
import { Sending } from './sending.ts'

export interface LinkParts {
  readonly channel: Channel
  readonly clock: LinkClock
  /** Which of the ends in this process it is. */
  readonly end: number
  /** What to do when nobody answers, for people. */
  readonly advice: string
}

export interface LinkOwner {
  /** A relay is there, and knows nothing of this node. */
  up(): void
  /** It is gone, or does not answer. */
  down(reason: BackplaneError): void
  told(item: Told): void
}

/** Milliseconds that the relay has for its first answer. */
const OPENING = 5000
/** Milliseconds between two looks whether it answers, and the looks after which one that says nothing is away. */
const LOOK = 1000
const LOOKS = 5
/** Milliseconds that the close waits until all is sent. */
const CLOSING = 1000

/** Shows whether bytes arrive as bytes. */
const PROBE = Uint8Array.of(1)

type State = 'closed' | 'opening' | 'up' | 'away' | 'closing'

export class Link {
  readonly #channel: Channel
  readonly #clock: LinkClock
  readonly #end: number
  readonly #advice: string
  readonly #owner: LinkOwner
  readonly #sending: Sending
  #state: State = 'closed'
  /** Grows with each time that the relay has to begin anew. */
  #number = 0
  #silent = 0
  #timer: { clear(): void } | undefined
  #unlisten = (): void => {}
  /** Ends what `open` or `close` waits for. */
  #settle: (failure?: string) => void = () => {}

  constructor({ channel, clock, end, advice }: LinkParts, owner: LinkOwner) {
    this.#channel = channel
    this.#clock = clock
    this.#end = end
    this.#advice = advice
    this.#owner = owner
    this.#sending = new Sending(channel, end, clock)
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  get isOpen(): boolean {
    return this.#state !== 'closed' && this.#state !== 'closing'
  }

  /** Bytes that wait to be sent. */
  get bytes(): number {
    return this.#sending.bytes
  }

  /** @throws BackplaneError when no relay answers in time */
  async open(): Promise<void> {
    this.#state = 'opening'
    this.#unlisten = this.#channel.listen(this.#hear, this.#closed)
    this.#attach()
    const failure = await this.#wait(OPENING, this.#advice)
    if (failure === undefined) return
    this.#finish()
    throw new BackplaneError(failure)
  }

  say(item: Asked, bytes = 0): void {
    if (this.#state === 'up') this.#sending.push(item, bytes)
  }

  /** What was said before is sent, and answered, where that does not take too long. */
  async close(): Promise<void> {
    if (this.#state === 'up') {
      this.say(['bye'])
      this.#state = 'closing'
      await this.#wait(CLOSING)
    } else this.#settle('the backplane is closed')
    this.#finish()
  }

  #finish(): void {
    this.#state = 'closed'
    this.#timer?.clear()
    this.#unlisten()
    this.#sending.clear()
  }

  /** Fulfilled by `#settle`, or with `late` after so many milliseconds. */
  #wait(ms: number, late?: string): Promise<string | undefined> {
    return new Promise(resolve => {
      const timer = this.#clock.setTimeout(() => this.#settle(late), ms)
      this.#settle = failure => {
        this.#settle = () => {}
        timer.clear()
        resolve(failure)
      }
    })
  }

  /** Whatever was said before is over. */
  #attach(): void {
    this.#sending.clear()
    this.#sending.push(['attach', ++this.#number, PROBE])
  }

  readonly #hear = ({ end, items }: Envelope): void => {
    if (end !== this.#end && end !== EVERYBODY) return
    this.#silent = 0
    for (const item of items) this.#heard(item as Told)
  }

  #heard(item: Told): void {
    switch (item[0]) {
      case 'here':
        this.#lose('another relay has begun')
        this.#attach()
        return
      case 'gone':
        this.#lose('the relay has ended')
        return
      case 'welcome':
        this.#welcome(item[1])
        return
      case 'unfit':
        this.#settle(item[1])
        return
      case 'bye':
        this.#settle()
        return
      case 'pong':
        return
    }
    if (this.#state === 'up' || this.#state === 'closing') this.#owner.told(item)
  }

  #welcome(number: number): void {
    if (number !== this.#number || (this.#state !== 'opening' && this.#state !== 'away')) return
    this.#state = 'up'
    this.#watch()
    this.#owner.up()
    this.#settle()
  }

  #lose(reason: string): void {
    if (this.#state !== 'up') return
    this.#state = 'away'
    this.#timer?.clear()
    this.#sending.clear()
    this.#owner.down(new BackplaneError(reason, 'unknown'))
  }

  /** The process of the relay is gone, and with it the channel. */
  readonly #closed = (): void => {
    const reason = 'the process that relays is gone'
    this.#lose(reason)
    this.#settle(reason)
  }

  /** One that says nothing for a while is away, until it answers again. Looks are counted: this process may have stood still itself. */
  #watch(): void {
    this.#silent = 0
    const look = (): void => {
      if (++this.#silent > LOOKS) {
        this.#lose(`the relay has not answered for ${LOOKS} s`)
        this.#attach()
        return
      }
      this.#sending.push(['ping'])
      this.#timer = this.#clock.setTimeout(look, LOOK)
    }
    this.#timer = this.#clock.setTimeout(look, LOOK)
  }
}
