/** The figures, and the plots below them. */
import { byId, say } from './dom.ts'
import type { Curve, History, Sample } from './history.ts'
import { Plot } from './plot.ts'
import { type Shown, together } from './together.ts'
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
  readonly #plots: readonly (readonly [plot: Plot, curves: readonly Curve[]])[] = [
    [new Plot('plot-sockets', 2, { least: 4, word: countWord }), ['open', 'slow']],
    [new Plot('plot-messages', 2, { least: 4, word: rateWord }), ['received', 'sent']],
    [new Plot('plot-latency', 3, { least: 4, word: timeWord }), ['p50', 'p99', 'delay']],
    [
      new Plot('plot-bytes', 3, { least: 1_024, word: bytesWord, steps: POWERS }),
      ['bytesReceived', 'bytesSent', 'queued'],
    ],
  ]

  /** @param worker - the one that was chosen; undefined for all together */
  show(samples: readonly Sample[], worker: number | undefined): void {
    const chosen = samples.filter(({ pulse }) => pulse.worker === (worker ?? pulse.worker))
    if (chosen.length > 0) this.#write(together(chosen))
  }

  draw(history: History, worker: number | undefined): void {
    const { times } = history
    for (const [plot, curves] of this.#plots) {
      plot.draw(
        times,
        curves.map(curve => history.line(curve, worker)),
      )
    }
  }

  #write({ stats, loop, roundTrips, rss, rates }: Shown): void {
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
      joined(bytesWord(rss), late, trip),
    )
    this.#backplane(stats.backplane)
  }

  #backplane(state: Shown['stats']['backplane']): void {
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
