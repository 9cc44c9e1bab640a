/** What one reader got of one topic, judged as it comes: each publication once, in order and unaltered, or told. */
import { idIn, splitId } from './words.mjs'

/** @typedef {import('./words.mjs').Place} Place */
/** @typedef {{ delivered: number, lost: number, doubled: number, disordered: number, altered: number, unrecovered: number, repeated: number }} Sums */
/** @typedef {'lost' | 'doubled' | 'disordered' | 'altered'} Wrong */
/** @typedef {{ offset?: number | undefined, data: unknown, passed: number, recovered: boolean }} Received */

/** Findings that are told in words. */
const TOLD = 20

/** The counts of all readers of a process, and what any of them has seen where. */
export class Sheet {
  /** @type {Sums} */
  sums = { delivered: 0, lost: 0, doubled: 0, disordered: 0, altered: 0, unrecovered: 0, repeated: 0 }
  /** @type {string[]} */
  findings = []
  /** Why something may be missing, and the first of those in words. @type {Record<string, number>} */
  codes = {}
  /** @type {string[]} */
  told = []
  /** By topic and epoch, by offset. @type {Map<string, Map<string, number[]>>} */
  lives = new Map()

  /** @param {Wrong} what @param {string} words @param {number} [count] */
  wrong(what, words, count = 1) {
    this.sums[what] += count
    if (this.findings.length < TOLD) this.findings.push(`${what}: ${words}`)
  }

  /** It was told that something may be missing, which is no fault. @param {string} code @param {string} words */
  tell(code, words) {
    this.codes[code] = (this.codes[code] ?? 0) + 1
    if (this.told.length < TOLD) this.told.push(`${code}: ${words}`)
  }

  /** What stands at this place for all; it is what the first one saw. @param {string} topic @param {Place} place @param {number} id */
  at(topic, { epoch, offset }, id) {
    let lives = this.lives.get(topic)
    if (lives === undefined) this.lives.set(topic, (lives = new Map()))
    let ids = lives.get(epoch)
    if (ids === undefined) lives.set(epoch, (ids = []))
    ids[offset] ??= id
    return ids[offset]
  }
}

/** Which publications somebody has, and in which life of its topic: a byte for each, by node. */
class Seen {
  /** @type {Uint8Array[]} */
  #nodes = []

  /** The life in which it was there before; 0 for none. @param {number} id @param {number} life */
  add(id, life) {
    const [node, number] = splitId(id)
    let lives = this.#nodes[node] ?? new Uint8Array(1024)
    if (number >= lives.length) {
      const more = new Uint8Array(2 * number)
      more.set(lives)
      lives = more
    }
    this.#nodes[node] = lives
    const before = lives[number] ?? 0
    lives[number] = life
    return before
  }

  /** @param {number} id */
  has(id) {
    const [node, number] = splitId(id)
    return (this.#nodes[node]?.[number] ?? 0) > 0
  }
}

export class Reading {
  #sheet
  #who
  #topic
  /** What the next one has to follow: what came last, or where the subscription began. @type {Place | undefined} */
  #at
  /** What the server said last of the place, by whoever read along on the line. @type {Place} */
  #said = { epoch: '', offset: 0 }
  /** Lives of the topic, with this one. */
  #life = 1
  /** True from being told that something may be missing, until the next publication says so too. */
  #told = false
  /** Publications that were jumped over by that, which the next one counts as passed. */
  #jumped = 0
  #seen = new Seen()
  /** Places in a later life that it was not given, which is right where it had those publications in a life before. @type {{ place: Place, words: string }[]} */
  #skipped = []
  /** True when it never was told that something may be missing. */
  isWhole = true

  /** @param {Sheet} sheet @param {string} who @param {string} topic */
  constructor(sheet, who, topic) {
    this.#sheet = sheet
    this.#who = who
    this.#topic = topic
  }

  /** Where it is; undefined before it was subscribed. */
  get place() {
    return this.#at
  }

  /** @param {number} id */
  has(id) {
    return this.#seen.has(id)
  }

  /** A `subscribed` of the server goes by, before the line takes it. @param {Place} place */
  said(place) {
    this.#said = place
  }

  /** The line says that it is subscribed. @param {boolean} recovered @param {string} code why not, if not */
  subscribed(recovered, code) {
    const [at, said] = [this.#at, this.#said]
    if (at === undefined) this.#at = said
    if (at === undefined || recovered) return
    if (said.epoch === at.epoch) this.#jumped += Math.max(0, said.offset - at.offset)
    else this.#life++
    this.#sheet.tell(
      code,
      `${this.#who}, at ${at.offset} of ${at.epoch} in ${this.#topic}, begins anew at ${said.offset} of ${said.epoch}`,
    )
    this.#at = said
    this.#told = true
    this.isWhole = false
  }

  /** @param {Received} received */
  add({ offset = 0, data, passed, recovered }) {
    const sheet = this.#sheet
    const { epoch } = this.#said
    const before = this.#at ?? this.#said
    const words = `${this.#who} has of ${this.#topic} ${offset} of ${epoch} behind ${before.offset} of ${before.epoch}, passed ${passed}, recovered ${recovered}`
    sheet.sums.delivered++
    if (!recovered) sheet.sums.unrecovered++
    if (recovered === this.#told || epoch !== before.epoch) sheet.wrong('lost', `${words}, and was told otherwise`)
    const step = offset - before.offset
    const told = passed - this.#jumped
    if (step <= 0) sheet.wrong('disordered', words)
    else if (this.#life > 1 && told === 0) this.#skip(before.offset, { epoch, offset }, words)
    else if (step - 1 !== told) sheet.wrong('lost', words, Math.abs(step - 1 - told))
    const id = idIn(data)
    if (id === undefined || sheet.at(this.#topic, { epoch, offset }, id) !== id)
      sheet.wrong('altered', `${words}: ${JSON.stringify(data)}`)
    else this.#count(this.#seen.add(id, this.#life), words)
    this.#at = { epoch, offset }
    this.#told = false
    this.#jumped = 0
  }

  /** What lies between is looked at when all is known. @param {number} from @param {Place} to @param {string} words */
  #skip(from, { epoch, offset }, words) {
    for (let one = from + 1; one < offset; one++) this.#skipped.push({ place: { epoch, offset: one }, words })
  }

  /** One that it had is a fault; in another life of the topic, a node gave it again since the engine had lost it. @param {number} life @param {string} words */
  #count(life, words) {
    if (life === this.#life) this.#sheet.wrong('doubled', words)
    else if (life > 0) this.#sheet.sums.repeated++
  }

  /** All is over. @param {Place} final */
  judge(final) {
    const { epoch, offset } = this.#at ?? this.#said
    if (this.#told) this.#sheet.sums.unrecovered++
    for (const { place, words } of this.#skipped) {
      const id = this.#sheet.lives.get(this.#topic)?.get(place.epoch)?.[place.offset]
      if (id === undefined || !this.#seen.has(id)) this.#sheet.wrong('lost', words)
    }
    if (epoch === final.epoch && offset >= final.offset) return
    const words = `${this.#who} is at ${offset} of ${epoch} in ${this.#topic}, and not at ${final.offset} of ${final.epoch}`
    this.#sheet.wrong('lost', words, epoch === final.epoch ? final.offset - offset : 1)
  }
}
