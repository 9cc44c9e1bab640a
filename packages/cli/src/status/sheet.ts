/** One socket, inspected. */
import type { SocketName, SocketSheet } from '../serve/status/wire.ts'
import { byId, make, say } from './dom.ts'
import { ageWord, bytesWord, countWord, rateWord, timeWord } from './words.ts'

const of = (worker: number): string => (worker === 0 ? '' : ` of worker ${worker}`)

type Row = readonly [name: string, value: string]

export class Sheet {
  readonly #list = byId('sheet', HTMLElement)
  readonly #title = byId('sheet-title', HTMLElement)
  readonly #note = byId('sheet-note', HTMLElement)
  #before: { readonly at: number; readonly sheet: SocketSheet } | undefined

  /** Undefined for one that has gone. */
  show({ id, worker }: SocketName, sheet: SocketSheet | undefined): void {
    say(this.#title, `Socket ${id}${of(worker)}`)
    if (sheet === undefined) {
      say(this.#note, 'It has gone. What stands here was its last.')
      this.#before = undefined
      return
    }
    say(this.#note, '')
    const at = performance.now()
    const isSame = this.#before?.sheet.id === id && this.#before.sheet.worker === worker
    const before = isSame ? this.#before : undefined
    const seconds = before === undefined ? Number.NaN : (at - before.at) / 1_000
    this.#before = { at, sheet }
    this.#write(rowsOf(sheet, (now, then) => (before === undefined ? undefined : (now - then(before.sheet)) / seconds)))
  }

  #write(rows: readonly Row[]): void {
    if (this.#list.children.length !== rows.length * 2) {
      this.#list.replaceChildren(...rows.flatMap(([name]) => [make('dt', '', name), make('dd', '')]))
    }
    for (const [index, [name, value]] of rows.entries()) {
      say(this.#list.children[2 * index] as Element, name)
      say(this.#list.children[2 * index + 1] as Element, value)
    }
  }
}

/** @param rate - how much one of its counters went up in a second */
function rowsOf(
  sheet: SocketSheet,
  rate: (now: number, then: (before: SocketSheet) => number) => number | undefined,
): Row[] {
  const { messages, bytes } = sheet.traffic
  const carried = (way: 'received' | 'sent'): string => {
    const each = rate(messages[way], before => before.traffic.messages[way])
    const now = each === undefined ? '' : `, ${rateWord(each)} a second`
    return `${countWord(messages[way])} messages, ${bytesWord(bytes[way])}${now}`
  }
  const more = sheet.topicCount - sheet.topics.length
  const topics = sheet.topicCount === 0 ? 'none' : sheet.topics.join(', ') + (more > 0 ? ` and ${more} more` : '')
  const rows: Row[] = [
    ['State', sheet.state],
    ['Route', sheet.path],
    ['Address', sheet.address],
    ['Open for', ageWord(sheet.age)],
    ['Subprotocol', sheet.protocol || 'none'],
    ['Extensions', sheet.extensions.join(', ') || 'none'],
    ['Origin', sheet.origin || 'none: no browser'],
    ['Client', sheet.agent || 'unknown'],
    ['In', carried('received')],
    ['Out', carried('sent')],
    ['Waiting', `${bytesWord(sheet.queued)}, ${countWord(sheet.pending)} publications`],
    ['Passed over', countWord(sheet.passedOver)],
    ['Round trip', sheet.roundTrip < 0 ? 'not pinged yet' : timeWord(sheet.roundTrip)],
    ['Topics', topics],
  ]
  return rows
}
