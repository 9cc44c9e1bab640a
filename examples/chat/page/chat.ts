/** A visit: one line for all rooms, and what of it is on the screen. */
import { connectTyped, type LineState } from 'hotline/client'
import { chat } from '../contract.ts'
import type { Said } from '../messages.ts'
import { Directory } from './directory.ts'
import type { ErrandState } from './errands.ts'
import type { ChatLine, Me } from './line.ts'
import { uploadOf } from './pictures.ts'
import { isUpload, type Own, Room, type RoomOwner } from './room.ts'
import type { Change, Roster } from './roster.ts'
import type { Screen, ScreenOwner } from './screen.ts'
import { showPeople } from './sides.ts'
import type { Visit } from './visit.ts'
import { backWord, gapWord, type Recovery, waitsWord } from './words.ts'

export interface ChatOwner {
  entered(room: string): void
  status(state: LineState): void
  /** The server does not let us in, or not into this room. */
  refused(why: string): void
}

/** Milliseconds between two looks at what time changes: the countdown, who still types, who has not come back. */
const TICK = 500

export class Chat implements RoomOwner, ScreenOwner {
  readonly #owner: ChatOwner
  readonly #screen: Screen
  readonly #line: ChatLine
  readonly #rooms = new Map<string, Room>()
  readonly #directory = new Directory()
  readonly #timer: number
  #me: Me = { key: '', name: '' }
  #room: Room | undefined

  constructor({ secret, name, room }: Visit, screen: Screen, owner: ChatOwner) {
    this.#owner = owner
    this.#screen = screen
    this.#line = connectTyped(location.href.replace(/^http/, 'ws').replace(/#.*/s, ''), chat, {
      token: JSON.stringify({ secret, name }),
      backoff: { base: 500, cap: 10_000 },
    })
    this.#line.line.on('status', state => this.#status(state))
    this.#line.line.on('notice', ({ code }) => screen.badge.apart(code === 'interrupted'))
    const rooms = this.#line.topic('chat/rooms', { last: 32 })
    rooms.on('subscribed', ({ recovered }) => recovered || this.#directory.clear())
    rooms.on('publication', ({ data }) => screen.rooms.take(this.#directory.take(data)))
    this.#timer = window.setInterval(() => this.#tick(), TICK)
    this.#begin(room)
  }

  /** Messages of ours that nobody has got yet, in all rooms. */
  get waiting(): number {
    return [...this.#rooms.values()].reduce((sum, { waiting }) => sum + waiting.length, 0)
  }

  end(): void {
    window.clearInterval(this.#timer)
    this.#line.close()
  }

  // ScreenOwner

  enter(name: string): void {
    const before = this.#room
    before?.leave()
    for (const [old, { waiting }] of this.#rooms) if (waiting.length === 0) this.#rooms.delete(old)
    const { log, typing, rooms } = this.#screen
    log.clear()
    typing.clear()
    const room = this.#rooms.get(name) ?? new Room(name, this.#line, this.#me, this)
    this.#rooms.set(name, room)
    this.#room = room
    rooms.enter(name)
    this.#owner.entered(name)
    this.#screen.composer.note(waitsWord(before?.name, before?.waiting.length ?? 0))
    room.enter()
  }

  say(text: string): boolean {
    return this.#room?.say(text) ?? false
  }

  async pictures(files: readonly File[]): Promise<void> {
    const room = this.#room
    if (room === undefined) return
    this.#screen.composer.note('')
    for (const file of files) {
      try {
        room.show(await uploadOf(file, room.name))
      } catch (error) {
        this.#screen.composer.note((error as Error).message, true)
      }
    }
  }

  typing(): void {
    this.#room?.typing()
  }

  // RoomOwner

  said(said: Said): boolean {
    this.#screen.typing.stopped(said.name)
    return this.#screen.log.said(said, this.#me)
  }

  gap(code?: string): void {
    this.#screen.log.notice(gapWord(code), 'gap')
  }

  back(recovery: Recovery): void {
    this.#screen.log.notice(backWord(recovery), 'back')
  }

  ready(): void {
    this.#screen.log.live()
  }

  own(own: Own, state: ErrandState, why?: string): void {
    // What waits for another room is shown there.
    if (own.room !== this.#room?.name) return
    this.#screen.log.own(own, this.#me, state, why, {
      again: () => this.#again(own),
      drop: () => this.#drop(own),
    })
  }

  progress(who: string, id: string, part: number): void {
    this.#screen.log.progress(who, id, part)
  }

  picture(said: Said, url: string): void {
    this.#screen.log.picture(said, url)
  }

  noPicture(said: Said, why: string): void {
    this.#screen.log.noPicture(said, why)
  }

  people(roster: Roster, count: number, { joined, left }: Change): void {
    showPeople(roster, count, this.#me.key)
    for (const name of joined) this.#screen.log.notice(`${name} is here`, 'coming')
    for (const name of left) {
      this.#screen.typing.stopped(name)
      this.#screen.log.notice(`${name} has left`, 'coming')
    }
  }

  types(name: string): void {
    this.#screen.typing.types(name)
  }

  refused(why: string): void {
    this.#owner.refused(why)
  }

  /** The first thing is who we are: what is said by us looks different. */
  async #begin(room: string): Promise<void> {
    try {
      this.#me = await this.#line.request('chat/hello', undefined, { timeout: 0 })
    } catch {
      // It was lost before the answer, and is tried again when it is back; or it is closed, which is told.
      if (this.#line.line.status !== 'closed') this.#begin(room)
      return
    }
    this.enter(room)
  }

  #status(state: LineState): void {
    this.#screen.badge.take(state)
    if (state.status !== 'open') {
      this.#room?.lost()
      this.#screen.typing.clear()
    }
    this.#owner.status(state)
  }

  #tick(): void {
    this.#screen.badge.show()
    this.#screen.typing.show()
    this.#room?.tick()
  }

  #again(own: Own): void {
    this.#room?.again(own)
    this.#screen.composer.focus()
  }

  #drop(own: Own): void {
    this.#room?.drop(own)
    this.#screen.log.forgetOwn(own.id)
    if (isUpload(own)) URL.revokeObjectURL(own.url)
    this.#screen.composer.focus()
  }
}
