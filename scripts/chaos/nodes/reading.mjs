/** What one reader got of one topic, judged as it comes: each publication once, in order and unaltered, or told. */
import { idIn, splitId } from './words.mjs'

/** @typedef {import('./words.mjs').Place} Place */
/**
 * `skipped` are places of a new life that a reader was led over since it had what is there in the one before.
 * `missed` are those that readers were told of that they miss them, `gone` those of a life that was lost and was told to be over,
 * both counted for each reader.
 * @typedef {{ delivered: number, lost: number, doubled: number, disordered: number, altered: number, unrecovered: number, repeated: number, skipped: number, missed: number, gone: number }} Sums
 */
/** @typedef {'lost' | 'doubled' | 'disordered' | 'altered'} Wrong */
/** @typedef {{ offset?: number | undefined, data: unknown, passed: number, recovered: boolean }} Received */

/** Findings that are told in words. */
const TOLD = 20

/** The counts of all readers of a process, and what any of them has seen where. */
export class Sheet {
  /** @type {Sums} */
  sums = {
    delivered: 0,
    lost: 0,
    doubled: 0,
    disordered: 0,
    altered: 0,
    unrecovered: 0,
    repeated: 0,
    skipped: 0,
    missed: 0,
    gone: 0,
  }
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

/** Which publications somebody has, and in which of its stays: a byte for each, by node. */
class Seen {
  /** @type {Uint8Array[]} */
  #nodes = []

  /** The stay in which it was there before; 0 for none. @param {number} id @param {number} stay from 1 on */
  add(id, stay) {
    const [node, number] = splitId(id)
    let stays = this.#nodes[node] ?? new Uint8Array(1024)
    if (number >= stays.length) {
      const more = new Uint8Array(2 * number)
      more.set(stays)
      stays = more
    }
    this.#nodes[node] = stays
    const before = stays[number] ?? 0
    stays[number] = stay
    return before
  }

  /** @param {number} id */
  has(id) {
    const [node, number] = splitId(id)
    return (this.#nodes[node]?.[number] ?? 0) > 0
  }
}

/**
 * A reader in one life of its topic: owed are all publications behind `begin`, up to `end`, but for the gaps that it was told of.
 * With `isRenewed` it was there when that life began, and is owed those before too.
 * @typedef {{ epoch: string, begin: number, end: number, isRenewed: boolean, gaps: [from: number, to: number][], skips: [from: number, to: number][] }} Stay
 */

/** @param {readonly [from: number, to: number][]} all @param {number} offset */
const isIn = (all, offset) => all.some(([from, to]) => offset >= from && offset <= to)

export class Reading {
  #sheet
  #who
  #topic
  /** The last one is that of now. @type {Stay[]} */
  #stays = []
  /** What came last, or where the subscription began. @type {Place | undefined} */
  #at
  /** What the server said last of the place, by whoever read along on the line. @type {Place} */
  #said = { epoch: '', offset: 0 }
  /** True when that was the answer to a question. */
  #isAnswer = true
  /** True from being told that something may be missing, until the next publication says so too. */
  #told = false
  /** Publications that were jumped over by that, which the next one counts as passed. */
  #jumped = 0
  #seen = new Seen()

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

  /** A `subscribed` of the server goes by, before the line takes it. @param {Place} place @param {boolean} [isAnswer] */
  said(place, isAnswer = true) {
    this.#said = place
    this.#isAnswer = isAnswer
  }

  /** The line says that it is subscribed. @param {boolean} recovered @param {string} code why not, if not */
  subscribed(recovered, code) {
    const [at, said] = [this.#at, this.#said]
    const words = `${this.#who}, at ${at?.offset} of ${at?.epoch} in ${this.#topic}, begins anew at ${said.offset} of ${said.epoch}`
    if (at === undefined) this.#begin(said, false)
    else if (!recovered) this.#beginAnew(at, said, code, words)
    else if (at.epoch !== said.epoch || at.offset !== said.offset)
      this.#sheet.wrong('lost', `${words}, as if it were whole`)
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
    this.#step(before.offset, offset, passed - this.#jumped, words)
    const id = idIn(data)
    if (id === undefined || sheet.at(this.#topic, { epoch, offset }, id) !== id)
      sheet.wrong('altered', `${words}: ${JSON.stringify(data)}`)
    else this.#count(this.#seen.add(id, this.#stays.length), words)
    this.#at = { epoch, offset }
    this.#told = false
    this.#jumped = 0
  }

  /**
   * All is over: of each publication that anybody knows of, the reader has it, or was told that it has not.
   * @param {Place} final the newest that a node was told of @param {ReadonlyMap<string, readonly number[]>} lives what stands where
   */
  judge(final, lives) {
    if (this.#told) this.#sheet.sums.unrecovered++
    const who = `${this.#who} in ${this.#topic}`
    /** @type {Set<number>} */
    const excused = new Set()
    /** @type {Set<number>} */
    const lost = new Set()
    for (const stay of this.#stays) this.#judgeStay(stay, lives.get(stay.epoch) ?? [], excused, lost)
    for (const id of lost) this.#sheet.wrong('lost', `${who} has never had ${splitId(id)}, and was not told`)
    const all = new Set([...lives.values()].flat().filter(id => id && !this.#seen.has(id) && !lost.has(id)))
    for (const id of all) this.#sheet.sums[excused.has(id) ? 'missed' : 'gone']++
    if (!this.#stays.some(({ epoch }) => epoch === final.epoch))
      this.#sheet.wrong(
        'lost',
        `${who} is at ${this.#at?.offset} of ${this.#at?.epoch}, and has never heard of ${final.epoch}`,
      )
  }

  /** @param {Place} place @param {boolean} isRenewed */
  #begin({ epoch, offset }, isRenewed) {
    this.#stays.push({ epoch, begin: offset, end: Number.POSITIVE_INFINITY, isRenewed, gaps: [], skips: [] })
    this.#at = { epoch, offset }
  }

  /** @param {Place} at @param {Place} said @param {string} code @param {string} words */
  #beginAnew(at, said, code, words) {
    const stay = /** @type {Stay} */ (this.#stays.at(-1))
    if (said.epoch === at.epoch) {
      this.#jumped += Math.max(0, said.offset - at.offset)
      stay.gaps.push([at.offset + 1, said.offset])
      this.#at = said
    } else {
      stay.end = at.offset
      this.#begin(said, !this.#isAnswer)
    }
    this.#sheet.tell(code, words)
    this.#told = true
  }

  /** From one offset to the next: what lies between was told, or the reader had it in another life. @param {number} from @param {number} to @param {number} told @param {string} words */
  #step(from, to, told, words) {
    const stay = /** @type {Stay} */ (this.#stays.at(-1))
    const between = to - from - 1
    if (between < 0) this.#sheet.wrong('disordered', words)
    else if (stay.isRenewed && told === 0) stay.skips.push([from + 1, to - 1])
    else {
      if (between !== told) this.#sheet.wrong('lost', words, Math.abs(between - told))
      stay.gaps.push([from + 1, to - 1])
    }
  }

  /** @param {Stay} stay @param {readonly number[]} ids @param {Set<number>} excused @param {Set<number>} lost */
  #judgeStay({ epoch, begin, end, isRenewed, gaps, skips }, ids, excused, lost) {
    for (const [offset, id] of ids.entries()) {
      if (!id || offset > end || this.#seen.has(id) || excused.has(id)) continue
      if (isIn(gaps, offset) || (offset <= begin && !isRenewed)) excused.add(id)
      else lost.add(id)
    }
    for (const [from, to] of skips)
      for (let offset = from; offset <= to; offset++)
        if (ids[offset]) this.#sheet.sums.skipped++
        else
          this.#sheet.wrong(
            'lost',
            `${this.#who} was led over ${offset} of ${epoch} in ${this.#topic}, of which nobody knows`,
          )
  }

  /**
   * One that it had is a fault, but where it came back and was told that the topic begins anew: then a node gave it again since
   * the engine had lost it. @param {number} before the stay in which it had it @param {string} words
   */
  #count(before, words) {
    if (before === 0) return
    if (this.#stays.slice(before).every(({ isRenewed }) => isRenewed)) this.#sheet.wrong('doubled', words)
    else this.#sheet.sums.repeated++
  }
}
