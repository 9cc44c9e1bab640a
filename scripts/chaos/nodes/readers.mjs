/** Readers of all topics, as a process of its own: lines of `connect()` that go on to another node when theirs is gone. */
import { connect } from 'hotline/client'
import { Reading, Sheet } from './reading.mjs'
import { topicName, topicOf } from './words.mjs'

/** @typedef {import('./words.mjs').FromReaders} FromReaders */
/** @typedef {import('./words.mjs').ToReaders} ToReaders */
/** @typedef {{ first: number, count: number, topics: number, urls: string[] }} Settings */

/** Short ones, so that many comings and goings fit into a run. */
const BACKOFF = { base: 200, cap: 2_000 }
/** Milliseconds between two words about where the readers are. */
const STANDING = 250

/** What a line of hotline.1 carries, and what is read along of it: the place of each subscription, which `connect` keeps to itself. */
class Form {
  protocol = 'hotline.1'
  /** @type {Map<number, Reading>} */
  readings = new Map()

  /** @param {object} message */
  encode(message) {
    return JSON.stringify(message)
  }

  /** @param {string | Uint8Array} data */
  decode(data) {
    const message = JSON.parse(String(data))
    if (message.type === 'subscribed')
      this.readings
        .get(topicOf(message.topic))
        ?.said({ epoch: message.epoch, offset: message.offset }, message.id !== undefined)
    return message
  }
}

class Reader {
  form = new Form()
  line
  /** Since when it is without a line, while it is. @type {number | undefined} */
  #since = performance.now()
  #turn

  /** @param {number} index @param {Load} load */
  constructor(index, load) {
    this.#turn = index
    this.line = connect(() => load.urlFor(this.#turn++), { form: this.form, backoff: BACKOFF })
    this.line.on('notice', ({ code }) => load.noticed(code))
    let opened = false
    this.line.on('status', ({ status }) => {
      if (status === 'connecting') load.attempts++
      if (status === 'open' && this.#since !== undefined) {
        if (opened) load.away.push(performance.now() - this.#since)
        opened = true
        this.#since = undefined
      } else if (status !== 'open') this.#since ??= performance.now()
    })
  }

  /** @param {number} topic @param {Reading} reading */
  read(topic, reading) {
    this.form.readings.set(topic, reading)
    const of = this.line.topic(topicName(topic))
    of.on('subscribed', ({ recovered, code = 'unsaid' }) => reading.subscribed(recovered, code))
    of.on('publication', received => reading.add(received))
  }

  /** When all is over it is told how long it is away by now. */
  get away() {
    return this.#since === undefined ? [] : [performance.now() - this.#since]
  }
}

class Load {
  #settings
  #urls
  #sheet = new Sheet()
  /** @type {Reader[]} */
  #readers = []
  /** Milliseconds without a line, each time. @type {number[]} */
  away = []
  attempts = 0
  /** @type {Record<string, number>} */
  #notices = {}

  /** @param {Settings} settings */
  constructor(settings) {
    this.#settings = settings
    this.#urls = settings.urls
    for (let index = settings.first; index < settings.first + settings.count; index++) {
      const reader = new Reader(index, this)
      for (let topic = 0; topic < settings.topics; topic++)
        reader.read(topic, new Reading(this.#sheet, `reader ${index}`, topicName(topic)))
      this.#readers.push(reader)
    }
  }

  /** @param {number} turn */
  urlFor(turn) {
    return /** @type {string} */ (this.#urls[turn % this.#urls.length])
  }

  /** @param {string} code */
  noticed(code) {
    this.#notices[code] = (this.#notices[code] ?? 0) + 1
  }

  /** @param {ToReaders} message @returns {FromReaders | undefined} */
  hear({ urls, report, judge }) {
    if (urls !== undefined) this.#urls = urls
    if (report) return { lives: this.#lives }
    return judge && { account: this.#account(judge) }
  }

  /** @returns {import('./words.mjs').Standing} */
  get standing() {
    const open = this.#readers.filter(({ line }) => line.status === 'open').length
    const subscribed = this.#readers.filter(({ form }) =>
      [...form.readings.values()].every(({ place }) => place),
    ).length
    const places = Array.from({ length: this.#settings.topics }, (_, topic) => this.#placeOf(topic))
    return { subscribed, open, delivered: this.#sheet.sums.delivered, places }
  }

  /** @param {number} topic */
  #placeOf(topic) {
    const [first, ...more] = this.#readingsOf(topic).map(({ place }) => place)
    const isSame = more.every(place => place?.epoch === first?.epoch && place?.offset === first?.offset)
    return isSame ? first : undefined
  }

  /** @param {number} topic */
  #readingsOf(topic) {
    return this.#readers.map(({ form }) => /** @type {Reading} */ (form.readings.get(topic)))
  }

  /** What these readers saw where. @returns {import('./words.mjs').Life[]} */
  get #lives() {
    return [...this.#sheet.lives].flatMap(([name, all]) =>
      [...all].map(([epoch, ids]) => ({ topic: topicOf(name), epoch, ids })),
    )
  }

  /** @param {import('./words.mjs').Judgement} judgement @returns {import('./words.mjs').Account} */
  #account({ finals, lives }) {
    for (const [topic, final] of finals) {
      const own = new Map(lives.filter(life => life.topic === topic).map(({ epoch, ids }) => [epoch, ids]))
      for (const reading of this.#readingsOf(topic)) reading.judge(final, own)
    }
    const { sums, findings, codes, told } = this.#sheet
    const away = [...this.away, ...this.#readers.flatMap(reader => reader.away)]
    return { sums, findings, codes, told, away, notices: this.#notices, attempts: this.attempts }
  }
}

/** @param {FromReaders} message */
const tell = message => void process.send?.({ chaos: message })

const load = new Load(JSON.parse(process.argv[2] ?? ''))
setInterval(() => tell({ standing: load.standing }), STANDING)
process.on('message', message => {
  const answer = load.hear(/** @type {{ chaos: ToReaders }} */ (message).chaos)
  if (answer !== undefined) tell(answer)
})
process.on('disconnect', () => process.exit())
