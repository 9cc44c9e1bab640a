/** One node at the relay: what it has begun, and what waits to be sent to it. */
import type { Entry, Kept, Place } from '../backplane.ts'
import type { Hub } from '../hub.ts'
import { type Asked, type Channel, type LinkClock, own, type Packed, type Rules, unpackRules } from './channel.ts'
import { Sending } from './sending.ts'

/** Bytes that may wait for a node; above, it is told what it has missed when there is room again. */
const BEHIND = 16_777_216
/** Topics of which a node that is behind is told the newest sign only. */
const SIGNS = 1000
/** Bytes of bodies in one page of a state. */
const PAGE = 131_072

/** One consumption of a topic with history. */
interface Following {
  readonly id: number
  readonly topic: string
  readonly rules: Rules
  /** What it was told last. */
  place: Place | undefined
  stop(): void
}

export class Visitor {
  readonly #hub: Hub
  readonly #sending: Sending
  readonly #ends = new Map<number, () => void>()
  /** Nodes that it has spoken for. */
  readonly #nodes = new Set<string>()
  /** Those that have missed something. */
  readonly #behind = new Set<Following>()
  readonly #signs = new Map<string, () => void>()
  /** Of each node the last word that could not be told yet. */
  readonly #words = new Map<string, () => void>()
  #attached = false

  constructor(hub: Hub, channel: Channel, end: number, clock: LinkClock) {
    this.#hub = hub
    this.#sending = new Sending(channel, end, clock, () => this.#catchUp())
  }

  hear(item: Asked): void {
    if (item[0] === 'attach') this.#attach(item[1], item[2])
    else if (this.#attached) this.#heard(item)
  }

  /** It is gone, and what it has said of its members does not count any more. */
  leave(): void {
    this.#end()
    for (const node of this.#nodes) this.#hub.forget(node)
    this.#nodes.clear()
  }

  #attach(link: number, probe: Uint8Array): void {
    this.#end()
    const fit = probe instanceof Uint8Array
    this.#attached = fit
    this.#sending.push(fit ? ['welcome', link] : ['unfit', UNFIT])
  }

  #heard(item: Exclude<Asked, readonly ['attach', ...unknown[]]>): void {
    switch (item[0]) {
      case 'consume':
        this.#consume(item[1], item[2], item[3])
        break
      case 'watch':
        this.#watch(item[1], item[2])
        break
      case 'attendance':
        this.#attendance(item[1], item[2])
        break
      case 'end':
        this.#ends.get(item[1])?.()
        this.#ends.delete(item[1])
        break
      case 'publish':
        this.#publish(item)
        break
      case 'attend':
        this.#attend(item[1], item[2], item[3], item[4])
        break
      case 'ping':
        this.#sending.push(['pong'])
        break
      case 'bye':
        this.leave()
        this.#sending.push(['bye'])
        break
    }
  }

  #end(): void {
    this.#attached = false
    for (const end of this.#ends.values()) end()
    this.#ends.clear()
    this.#behind.clear()
    this.#signs.clear()
    this.#words.clear()
    this.#sending.clear()
  }

  get #isFull(): boolean {
    return this.#sending.bytes > BEHIND
  }

  #publish([, id, topic, rules, node, sequence, body]: Extract<Asked, readonly ['publish', ...unknown[]]>): void {
    const kept = rules === undefined ? body : own(body)
    const place = this.#hub.publish(topic, unpackRules(rules), { node, sequence, body: kept })
    this.#sending.push(place === undefined ? ['done', id] : ['done', id, place.epoch, place.offset])
  }

  #attend(id: number, topic: string, node: string, attendance: Uint8Array | undefined): void {
    this.#nodes.add(node)
    this.#hub.attend(topic, node, attendance && own(attendance))
    this.#sending.push(['done', id])
  }

  #consume(id: number, topic: string, rules: Rules): void {
    if (rules !== undefined) {
      const following: Following = { id, topic, rules, place: undefined, stop: () => {} }
      this.#follow(following)
      this.#ends.set(id, () => {
        following.stop()
        this.#behind.delete(following)
      })
      return
    }
    const passed = ({ node, sequence, body }: Entry): void => {
      if (!this.#isFull) this.#sending.push(['passed', id, node, sequence, body], body.byteLength)
    }
    this.#ends.set(id, this.#hub.consume(topic, undefined, { state() {}, kept() {}, passed }))
    this.#sending.push(['begun', id])
  }

  #follow(following: Following): void {
    following.stop()
    following.stop = this.#hub.consume(following.topic, unpackRules(following.rules), {
      state: (place, entries) => this.#state(following, place, entries),
      kept: entry => this.#kept(following, entry),
      passed() {},
    })
  }

  #kept(following: Following, entry: Kept): void {
    if (this.#behind.has(following)) return
    if (this.#isFull) return void this.#behind.add(following)
    this.#sending.push(['kept', following.id, pack(entry)], entry.body.byteLength)
    following.place = { epoch: (following.place as Place).epoch, offset: entry.offset }
  }

  /** All that is kept, in pages; for one that was behind, what it has missed where that is still here. */
  #state(following: Following, place: Place, entries: readonly Kept[]): void {
    const { id, place: before } = following
    const missed = before?.epoch === place.epoch ? place.offset - before.offset : entries.length + 1
    following.place = place
    if (missed <= entries.length) {
      for (const entry of missed > 0 ? entries.slice(-missed) : [])
        this.#sending.push(['kept', id, pack(entry)], entry.body.byteLength)
      return
    }
    let page: Packed[] = []
    let bytes = 0
    for (const entry of entries) {
      page.push(pack(entry))
      bytes += entry.body.byteLength
      if (bytes < PAGE) continue
      this.#sending.push(['page', id, page], bytes)
      page = []
      bytes = 0
    }
    if (page.length > 0) this.#sending.push(['page', id, page], bytes)
    this.#sending.push(['state', id, place.epoch, place.offset])
  }

  #watch(id: number, pattern: string): void {
    const sign = (topic: string, { node, sequence, body }: Entry): void => {
      const tell = (): void => this.#sending.push(['sign', id, topic, node, sequence, own(body)], body.byteLength)
      const key = `${id} ${topic}`
      if (!this.#isFull) tell()
      else if (this.#signs.has(key) || this.#signs.size < SIGNS) this.#signs.set(key, tell)
    }
    this.#ends.set(id, this.#hub.watch(pattern, sign))
    this.#sending.push(['begun', id])
  }

  #attendance(id: number, topic: string): void {
    this.#sending.push(['begun', id])
    const word = (node: string, attendance: Uint8Array | undefined): void => {
      const tell = (): void => this.#sending.push(['word', id, node, attendance], attendance?.byteLength)
      const key = `${id} ${node}`
      // One that waits is not told behind a later one.
      if (!this.#isFull && !this.#words.has(key)) tell()
      else this.#words.set(key, tell)
    }
    this.#ends.set(id, this.#hub.attendance(topic, word))
  }

  /** There is room again: those that are behind are told what they have missed. */
  #catchUp(): void {
    for (const late of [this.#words, this.#signs]) {
      for (const tell of late.values()) tell()
      late.clear()
    }
    for (const following of this.#behind) {
      if (this.#isFull) return
      this.#behind.delete(following)
      this.#follow(following)
    }
  }
}

const pack = ({ node, sequence, body, offset }: Kept): Packed => [node, sequence, body, offset]

const UNFIT =
  "bytes do not come as bytes: the processes need cluster.setupPrimary({ serialization: 'advanced' }), or fork(file, { serialization: 'advanced' })"
