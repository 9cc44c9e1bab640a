/** The figures, and the plots below them. */
import type { Pulse } from '../serve/status/wire.ts'
import { byId, say } from './dom.ts'
import { Plot } from './plot.ts'
import { type Rates, ratesOf } from './rates.ts'
import { bytesWord, countWord, partsWord, rateWord, timeWord } from './words.ts'

const set = (id: string, text: string, more = ''): void => {
  say(byId(id, HTMLElement), text)
  const note = document.getElementById(`${id}-more`)
  if (note !== null) say(note, more)
}

/** Round numbers of bytes. */
const POWERS = Array.from({ length: 40 }, (_, power) => 2 ** power)

const rateOf = (rate: number | undefined, word: (rate: number) => string): string =>
  rate === undefined ? '–' : word(rate)

const joined = (...parts: (string | false | undefined)[]): string => parts.filter(Boolean).join(' · ')

export class Figures {
  readonly #sockets = new Plot('plot-sockets', 2, { least: 4, word: countWord })
  readonly #messages = new Plot('plot-messages', 2, { least: 4, word: rateWord })
  readonly #latency = new Plot('plot-latency', 3, { least: 4, word: timeWord })
  readonly #bytes = new Plot('plot-bytes', 3, { least: 1_024, word: bytesWord, steps: POWERS })
  #before: Pulse | undefined

  /** Another process: what was drawn is not of it. */
  restart(): void {
    this.#before = undefined
    for (const plot of this.#plots) plot.clear()
  }

  /** Nothing is known from here on. */
  lose(): void {
    const { at } = this.#before ?? {}
    if (at !== undefined) for (const plot of this.#plots) plot.gap(at + 1)
    this.#before = undefined
  }

  show(pulse: Pulse): void {
    const rates = ratesOf(this.#before, pulse)
    this.#before = pulse
    this.#write(pulse, rates)
    const { at, stats, roundTrips, loop } = pulse
    this.#sockets.add(at, stats.sockets.open, stats.sockets.slow)
    this.#messages.add(at, rates?.received ?? null, rates?.sent ?? null)
    this.#latency.add(at, roundTrips?.p50 ?? null, roundTrips?.p99 ?? null, loop?.max ?? null)
    this.#bytes.add(at, rates?.bytesReceived ?? null, rates?.bytesSent ?? null, stats.queued.bytes)
  }

  get #plots(): Plot[] {
    return [this.#sockets, this.#messages, this.#latency, this.#bytes]
  }

  #write({ stats, loop, roundTrips, process }: Pulse, rates: Rates | undefined): void {
    const { sockets, queued, drops, deciding } = stats
    const { accepted, ...refused } = stats.handshakes
    const held = sockets.paused > 0 && `${countWord(sockets.paused)} held by a handler`
    set('sockets', countWord(sockets.open), joined(held, deciding > 0 && `${countWord(deciding)} being decided on`))
    set('received', rateOf(rates?.received, rateWord), `${rateOf(rates?.bytesReceived, bytesWord)} a second`)
    set('sent', rateOf(rates?.sent, rateWord), `${rateOf(rates?.bytesSent, bytesWord)} a second`)
    const slow = sockets.slow > 0 && `${countWord(sockets.slow)} slow`
    set('queued', bytesWord(queued.bytes), joined(slow, queued.most > 0 && `${bytesWord(queued.most)} for one`))
    set('accepted', countWord(accepted), partsWord(refused) && `refused: ${partsWord(refused)}`)
    set('dropped', countWord(drops['drop-oldest'] + drops.latest), partsWord({ disconnected: drops.disconnect }))
    const late = loop && `loop p99 ${timeWord(loop.p99)}`
    const trip = roundTrips && `round trip p50 ${timeWord(roundTrips.p50)}, p99 ${timeWord(roundTrips.p99)}`
    set(
      'cpu',
      rateOf(rates?.cpu, cpu => `${rateWord(cpu * 100)} %`),
      joined(bytesWord(process.rss), late, trip),
    )
    this.#backplane(stats.backplane)
  }

  #backplane(state: Pulse['stats']['backplane']): void {
    const element = byId('backplane', HTMLElement)
    element.dataset['tone'] = state === undefined ? '' : state.up ? 'good' : 'bad'
    if (state === undefined) {
      set('backplane', 'none', 'a server by itself')
      return
    }
    const { name, up, pending, downs, lag } = state
    const waits = pending > 0 && `${countWord(pending)} wait`
    const lost = downs > 0 && `lost ${countWord(downs)} times`
    set('backplane', up ? 'up' : 'away', joined(name, lag !== undefined && timeWord(lag), waits, lost))
  }
}
