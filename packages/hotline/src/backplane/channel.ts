/** One topic on this node: it is consumed once, and what the engine keeps of it is mirrored in its place and order. */
import type { Backplane, Consumption, Entry, Kept, Place, TopicListener } from './backplane.ts'
import { Elsewhere } from './elsewhere.ts'
import { type Entered, Entrance } from './entrance.ts'
import type { ChannelOwner } from './local.ts'
import type { Seen } from './seen.ts'

export class Channel implements TopicListener, Entered {
  readonly name: string
  /** Who waits for it. */
  readonly entrance: Entrance
  /** What has been here, before it was opened too. */
  readonly seen: Seen
  readonly #owner: ChannelOwner
  /** What waits behind what is being told. */
  readonly #queue: (() => void)[] = []
  #busy = false
  #consumptions: Consumption[] = []
  /** Who is in it on other nodes, where its rules have presence. */
  elsewhere: Elsewhere | undefined
  #place: Place | undefined
  /** Those who read patterns get what follows from this one on. */
  #sign: Entry | undefined
  /** The last one that is known to have been published. */
  #lastSign: Entry | undefined
  #hasBegun = false
  #ended = false
  /** When the last publication came. */
  lastAt: number

  /** @param sign - what it was found by, where nobody asked for the topic itself */
  constructor(name: string, owner: ChannelOwner, seen: Seen, sign: Entry | undefined) {
    this.name = name
    this.#owner = owner
    this.seen = seen
    this.#sign = sign
    this.#lastSign = sign
    this.lastAt = owner.clock.now()
    this.entrance = new Entrance(this, owner)
    owner.local.join(name)
  }

  get place(): Place | undefined {
    return this.#place
  }

  /** True when somebody waits for it, or something that is known to have been published has not come yet. */
  get isAwaited(): boolean {
    return this.entrance.isAwaited || (this.#lastSign !== undefined && !this.seen.has(this.#lastSign))
  }

  start(backplane: Backplane): void {
    const { history } = this.#owner.local.rulesOf(this.name)
    const present = this.#owner.local.presentIn(this.name)
    this.#consumptions = [backplane.consume(this.name, history, this)]
    if (present !== undefined) this.#consumptions.push(this.#attend(backplane, new Elsewhere(present)))
    const ready = this.#consumptions.map(consumption => consumption.ready)
    void Promise.all(ready).then(() => {
      this.#hasBegun = true
      this.run(() => this.#readied())
    })
  }

  #attend(backplane: Backplane, elsewhere: Elsewhere): Consumption {
    this.elsewhere = elsewhere
    return backplane.attendance(this.name, (node, attendance) => {
      if (node === this.#owner.node || this.#ended) return
      this.#try(() => elsewhere.heard(node, attendance, this.#owner.clock.now()))
    })
  }

  /** It was published, as is seen elsewhere, and is to come here. */
  signed(entry: Entry): void {
    if (this.seen.has(entry)) return
    if (this.#place === undefined) this.#sign ??= entry
    this.#lastSign = entry
  }

  end(): void {
    this.#ended = true
    for (const consumption of this.#consumptions) consumption.end()
    this.entrance.end()
    this.elsewhere?.end()
    this.#owner.local.part(this.name)
  }

  // TopicListener. What is published inside of it, an engine may tell of at once.

  state(place: Place, entries: readonly Kept[]): void {
    this.run(() => {
      this.#stated(place, wholeOf(place, entries))
      this.#readied()
    })
  }

  kept(entry: Kept): void {
    this.run(() => this.#follow(entry))
  }

  passed(entry: Entry): void {
    this.run(() => this.#pass(entry))
    if (this.#place !== undefined) this.#owner.unfit(this.name, new Error(UNLIKE))
  }

  run(work: () => void): void {
    this.#queue.push(work)
    if (this.#busy) return
    this.#busy = true
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#try(next)
      if (!this.#ended) this.entrance.moved()
    }
    this.#busy = false
  }

  #try(work: () => void): void {
    try {
      if (!this.#ended) work()
    } catch (error) {
      this.#owner.unfit(this.name, error)
    }
  }

  #readied(): void {
    const isThere = this.#place !== undefined || this.#owner.local.rulesOf(this.name).history === undefined
    if (this.#hasBegun && isThere) this.entrance.open()
  }

  #pass(entry: Entry): void {
    if (!this.seen.note(entry)) return
    this.lastAt = this.#owner.clock.now()
    try {
      this.#owner.local.deliver(this.name, this.#owner.arrivalOf(entry, true))
    } catch (error) {
      this.#owner.unfit(this.name, error)
      this.#owner.local.passOver(this.name, 1)
    }
  }

  #follow(entry: Kept): void {
    if (this.#place === undefined) return
    const { epoch, offset } = this.#place
    if (entry.offset > offset) {
      this.#gap(entry.offset - 1)
      this.#deliver(entry, true)
    } else if (!this.seen.has(entry)) {
      this.#owner.unfit(this.name, new Error(`offset ${entry.offset} came behind ${offset} in the same epoch`))
      this.#renew({ epoch, offset: entry.offset }, [entry])
    }
  }

  #stated(place: Place, entries: readonly Kept[]): void {
    const known = this.#place
    if (known === undefined) this.#begin(place, entries)
    else if (
      place.epoch === known.epoch &&
      (place.offset >= known.offset || entries.every(one => this.seen.has(one)))
    ) {
      this.#goOn(place, entries)
    } else this.#renew(place, entries)
  }

  /** Nobody has read it here, but for those who read patterns. */
  #begin(place: Place, entries: readonly Kept[]): void {
    const first = this.#sign === undefined ? entries.length : firstBehind(this.#sign, entries)
    // What it was found by is among them, or lost.
    if (this.#lastSign === this.#sign) this.#lastSign = undefined
    this.#restart({ epoch: place.epoch, offset: place.offset - entries.length })
    for (const [index, entry] of entries.entries()) {
      if (index < first) this.#keep(entry)
      else this.#deliver(entry, false)
    }
  }

  /** In the same epoch: what is known is passed over, and what is not to be had any more is told. */
  #goOn({ offset }: Place, entries: readonly Kept[]): void {
    const known = this.#place?.offset ?? 0
    const fresh = entries.filter(entry => entry.offset > known)
    this.#gap(Math.max(known, offset - fresh.length))
    for (const entry of fresh) this.#deliver(entry, false)
  }

  /** In another epoch. What has been here already, readers are not given again. */
  #renew(place: Place, entries: readonly Kept[]): void {
    const found = entries.findIndex(entry => !this.seen.has(entry))
    const first = found < 0 ? entries.length : found
    const { epoch } = place
    this.#restart({ epoch, offset: place.offset - entries.length })
    // What was seen to be published before, the engine may have lost.
    this.#lastSign = undefined
    for (const entry of entries.slice(0, first)) this.#keep(entry)
    const offset = place.offset - entries.length + first
    const replayed = entries.length - first
    this.#owner.local.renew(this.name, { epoch, offset, recovered: false, code: 'epoch', reason: RENEWED, replayed })
    for (const entry of entries.slice(first)) this.#deliver(entry, false)
  }

  /** What is behind the place that is known, up to this offset, is missing. */
  #gap(offset: number): void {
    const { epoch, offset: known } = this.#place as Place
    if (offset === known) return
    this.#owner.local.passOver(this.name, offset - known)
    this.#restart({ epoch, offset })
  }

  #restart(place: Place): void {
    this.#place = place
    this.#owner.local.begin(this.name, place)
  }

  #deliver(entry: Kept, isNew: boolean): void {
    const { local } = this.#owner
    this.lastAt = this.#owner.clock.now()
    this.#place = { epoch: (this.#place as Place).epoch, offset: entry.offset }
    const again = !this.seen.note(entry)
    try {
      local.deliver(this.name, { ...this.#owner.arrivalOf(entry, isNew), offset: entry.offset, again })
    } catch (error) {
      this.#owner.unfit(this.name, error)
      local.passOver(this.name, 1)
      local.begin(this.name, this.#place)
    }
  }

  /** For those who come. */
  #keep(entry: Kept): void {
    const { local } = this.#owner
    this.#place = { epoch: (this.#place as Place).epoch, offset: entry.offset }
    this.seen.note(entry)
    try {
      local.keep(this.name, { ...this.#owner.arrivalOf(entry, false), offset: entry.offset })
    } catch (error) {
      this.#owner.unfit(this.name, error)
      local.begin(this.name, this.#place)
    }
  }
}

const UNLIKE = 'another server publishes to it without a history: what the option topics says has to be the same on all'

const RENEWED = 'the history that was read is not kept any more'

/** Where what those who read patterns get begins; all of it, when the sign itself has gone already. */
function firstBehind({ node, sequence }: Entry, entries: readonly Kept[]): number {
  const next = entries.find(one => one.node === node && one.sequence >= sequence)
  if (next === undefined) return entries.length
  return next.sequence === sequence ? entries.indexOf(next) : 0
}

/** Those that end with the place, without a hole. */
function wholeOf({ offset }: Place, entries: readonly Kept[]): readonly Kept[] {
  let first = entries.length
  while (first > 0 && entries[first - 1]?.offset === offset - (entries.length - first)) first--
  return first === 0 ? entries : entries.slice(first)
}
