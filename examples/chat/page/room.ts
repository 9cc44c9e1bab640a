/** One room as this page has it: its topics, and what we say in it. What waits stays with the room. */
import { RequestError } from 'hotline/client'
import { topicOf, typingIn } from '../contract.ts'
import type { Said } from '../messages.ts'
import { type ErrandState, Errands } from './errands.ts'
import type { ChatLine, Me } from './line.ts'
import { type Download, fetchPicture, send, type Upload } from './pictures.ts'
import { type Change, Roster } from './roster.ts'
import { newId } from './visit.ts'
import type { Recovery } from './words.ts'

/** What was said before that is shown on entry, and after the server has started anew. */
const LAST = 50
/** Messages that may wait to be sent. */
const MOST = 100
/** Milliseconds until what was too often is tried again, and between two signs that somebody types. */
const PAUSE = 1_500
const TYPING = 2_000
/** Milliseconds that what the server has taken may need to come back in its place among what others say. */
const LANDING = 1_000
/** Milliseconds for an answer: longer than servers wait for each other. */
const TIMEOUT = 60_000

/** A text of ours that is not in the room yet. */
export interface Text {
  readonly room: string
  readonly id: string
  readonly text: string
}

export type Own = Text | Upload

export const isUpload = (own: Own): own is Upload => 'bytes' in own

/** What a room tells the page. */
export interface RoomOwner {
  /** False when it is shown already. */
  said(said: Said): boolean
  /** Some may be missing at this place. */
  gap(code?: string): void
  /** What was missed has come, as far as it could. */
  back(recovery: Recovery): void
  /** What comes from now on is new. */
  ready(): void
  own(own: Own, state: ErrandState, why?: string): void
  progress(who: string, id: string, part: number): void
  picture(said: Said, url: string): void
  noPicture(said: Said, why: string): void
  people(roster: Roster, count: number, change: Change): void
  types(name: string): void
  refused(why: string): void
}

export class Room {
  readonly name: string
  readonly #line: ChatLine
  readonly #me: Me
  readonly #owner: RoomOwner
  #roster = new Roster()
  readonly #texts: Errands<Text>
  readonly #uploads: Errands<Upload>
  readonly #downloads: Errands<Download>
  /** What we have just said, by id, until it comes back. */
  readonly #landings = new Map<string, () => void>()
  #topics: readonly { leave(): void }[] = []
  #count = 0
  /** While what was missed comes. */
  #recovery: { count: number; whole: boolean; code: string | undefined } | undefined
  #known = false
  /** The next list of people is one of a new subscription. */
  #anew = true
  #typedAt = Number.NEGATIVE_INFINITY

  constructor(name: string, line: ChatLine, me: Me, owner: RoomOwner) {
    this.name = name
    this.#line = line
    this.#me = me
    this.#owner = owner
    const pause = (): Promise<void> => after(PAUSE)
    const changed = owner.own.bind(owner)
    this.#texts = new Errands<Text>({ deliver: (text, signal) => this.#deliver(text, signal), changed, pause })
    this.#uploads = new Errands<Upload>({ deliver: (upload, signal) => this.#upload(upload, signal), changed, pause })
    this.#downloads = new Errands<Download>({
      deliver: (download, signal) => this.#download(download, signal),
      changed: ({ said }, state, why) => state === 'refused' && owner.noPicture(said, why ?? ''),
      pause,
    })
  }

  /** What has not been said yet. */
  get waiting(): readonly Own[] {
    return [...this.#texts.all, ...this.#uploads.all]
  }

  enter(): void {
    // Whoever was here before sees it as if for the first time.
    this.#roster = new Roster()
    this.#known = false
    this.#recovery = undefined
    const room = this.#line.topic(topicOf(this.name), { last: LAST, presence: true })
    room.on('subscribed', ({ recovered, code }) => this.#subscribed(recovered, code))
    room.on('publication', ({ data, passed, recovered }) => {
      if (passed > 0 && recovered) this.#owner.gap()
      this.#said(data)
    })
    room.on('presence', ({ count }) => this.#present(room.members, count))
    room.on('ended', error => error instanceof RequestError && this.#owner.refused(error.answer.reason))
    const typing = this.#line.topic(typingIn(this.name))
    typing.on('publication', ({ data }) => this.#types(data))
    this.#topics = [room, typing]
    for (const errands of [this.#texts, this.#uploads]) errands.tell()
  }

  /** The line is lost. */
  lost(): void {
    for (const errands of [this.#texts, this.#uploads, this.#downloads]) errands.halt()
  }

  leave(): void {
    this.lost()
    for (const topic of this.#topics) topic.leave()
    this.#topics = []
    this.#known = false
    for (const download of this.#downloads.all) this.#downloads.drop(download)
  }

  /** False when too much waits already. */
  say(text: string): boolean {
    if (this.#texts.all.length >= MOST) return false
    this.#typedAt = Number.NEGATIVE_INFINITY
    this.#texts.add({ room: this.name, id: newId(), text })
    return true
  }

  show(upload: Upload): void {
    this.#uploads.add(upload)
  }

  again(own: Own): void {
    if (isUpload(own)) this.#uploads.again(own)
    else this.#texts.again(own)
  }

  drop(own: Own): void {
    if (isUpload(own)) this.#uploads.drop(own)
    else this.#texts.drop(own)
  }

  /** Tells the others that we are about to say something: now and then, and only if it can be told now. */
  typing(): void {
    const now = performance.now()
    if (now - this.#typedAt < TYPING || this.#line.line.status !== 'open') return
    this.#typedAt = now
    this.#line.publish(typingIn(this.name), this.#me.key, { self: false }).catch(() => {})
  }

  /** Looks who has not come back. */
  tick(): void {
    const left = this.#roster.due()
    if (left.length > 0) this.#owner.people(this.#roster, this.#count, { joined: [], left })
  }

  #subscribed(whole: boolean, code: string | undefined): void {
    this.#anew = true
    if (this.#known) {
      this.#recovery = { count: 0, whole, code }
      if (!whole) this.#owner.gap(code)
    }
    this.#known = true
    this.#settle()
  }

  /** What is asked now is answered behind what was missed. */
  async #settle(): Promise<void> {
    const topics = this.#topics
    try {
      await this.#line.request('chat/hello')
    } catch {
      // It was lost again, or is closed.
      return
    }
    if (topics === this.#topics && topics.length > 0) this.#settled()
  }

  #settled(): void {
    if (this.#recovery !== undefined) this.#owner.back(this.#recovery)
    this.#recovery = undefined
    this.#owner.ready()
    for (const errands of [this.#texts, this.#uploads, this.#downloads]) errands.go()
  }

  #said(said: Said): void {
    const mine = said.who === this.#me.key
    if (this.#show(said) && this.#recovery !== undefined && !mine) this.#recovery.count++
    if (mine) this.#landed(said.id)
  }

  /** What we said is in the room: also when the answer was lost, so that it need not be said again. */
  #landed(id: string): void {
    this.#landings.get(id)?.()
    for (const text of this.#texts.all) if (text.id === id) this.#texts.done(text)
    for (const upload of this.#uploads.all) if (upload.id === id) this.#uploads.done(upload)
  }

  /** When it was said, once it has come back in its place; or after a while, when it does not. */
  async #land(id: string, say: () => Promise<number>): Promise<number> {
    const landed = new Promise<void>(resolve => this.#landings.set(id, resolve))
    try {
      const at = await say()
      await Promise.race([landed, after(LANDING)])
      return at
    } finally {
      this.#landings.delete(id)
    }
  }

  /** Shows what we said where it does not come back by itself, as long as we are here. */
  #taken(said: Omit<Said, 'who' | 'name'>): void {
    if (this.#known) this.#show({ ...said, who: this.#me.key, name: this.#me.name })
  }

  /** Shows what was said, unless it is shown already. */
  #show(said: Said): boolean {
    if (!this.#owner.said(said)) return false
    const { picture } = said
    if (picture === undefined) return true
    const own = this.#uploads.all.find(({ id }) => id === said.id && said.who === this.#me.key)
    if (own !== undefined) this.#owner.picture(said, own.url)
    else this.#downloads.add({ room: this.name, said: { ...said, picture }, pieces: [], has: 0 })
    return true
  }

  async #deliver({ room, id, text }: Text, signal: AbortSignal): Promise<void> {
    const said = { room, id, text }
    const say = () => this.#line.request('chat/say', said, { signal, timeout: TIMEOUT })
    const at = await this.#land(id, async () => (await say()).at)
    this.#taken({ id, at, text })
  }

  async #upload(upload: Upload, signal: AbortSignal): Promise<void> {
    const { id, picture } = upload
    const progressed = (): void => this.#owner.progress(this.#me.key, id, upload.has / picture.size)
    const at = await this.#land(id, () => send(this.#line, upload, progressed, { signal, timeout: TIMEOUT }))
    this.#taken({ id, at, text: '', picture })
  }

  async #download(download: Download, signal: AbortSignal): Promise<void> {
    const { said } = download
    const progressed = (): void => this.#owner.progress(said.who, said.id, download.has / said.picture.size)
    const blob = await fetchPicture(this.#line, download, progressed, signal)
    this.#owner.picture(said, URL.createObjectURL(blob))
  }

  #present(members: ReadonlyMap<string, { readonly name: string }> | undefined, count: number): void {
    const people = new Map([...(members ?? [])].map(([key, { name }]) => [key, name]))
    const change = members === undefined ? NO_CHANGE : this.#roster.take(people, this.#anew)
    this.#anew = false
    this.#count = count
    this.#owner.people(this.#roster, count, change)
  }

  #types(who: string): void {
    const name = this.#roster.nameOf(who)
    if (name !== undefined && who !== this.#me.key) this.#owner.types(name)
  }
}

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const NO_CHANGE: Change = { joined: [], left: [] }
