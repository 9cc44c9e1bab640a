/** Somebody in a room by the page's own code, without a page: what it would show is written down. */
import { connectTyped } from 'hotline/client'
import { Log } from '../../../packages/hotline/test/support/deadline.ts'
import { chat } from '../contract.ts'
import type { Known as KnownRooms, Rooms, Said } from '../messages.ts'
import { Directory } from '../page/directory.ts'
import type { ErrandState } from '../page/errands.ts'
import { Known } from '../page/known.ts'
import type { ChatLine } from '../page/line.ts'
import type { Upload } from '../page/pictures.ts'
import { isUpload, type Own, Room, type RoomOwner } from '../page/room.ts'
import type { Change, Roster } from '../page/roster.ts'
import { type Recovery, typingWord } from '../page/words.ts'

export class Guest implements RoomOwner, AsyncDisposable {
  /** Everything that happens, in words. */
  readonly seen = new Log<string>()
  readonly texts: string[] = []
  /** Bytes of pictures, by title, or why there are none. */
  readonly pictures = new Map<string, Buffer | string>()
  /** Who is here. */
  names: readonly string[] = []
  busy: Rooms = []
  readonly line: ChatLine
  readonly #known = new Known()
  readonly #directory = new Directory()
  #room: Room | undefined

  private constructor(line: ChatLine) {
    this.line = line
    line.line.on('status', ({ status }) => {
      if (status !== 'open') this.#room?.lost()
      this.seen.push(status)
    })
    line.topic('chat/rooms', { last: 32 }).on('publication', ({ data }) => this.#took(data))
  }

  /**
   * Somebody who has entered.
   *
   * @param url - asked for each attempt: where the line goes
   */
  static async enter(name: string, url: () => string, room: string): Promise<Guest> {
    const line = connectTyped(() => `${url()}/chat`, chat, {
      token: JSON.stringify({ secret: `secret-of-${name}-0123456789`, name }),
      backoff: { base: 1, cap: 50 },
      // One that comes to a worker in the moment in which it is killed has no answer.
      attemptTimeout: 2_000,
    })
    const guest = new Guest(line)
    guest.#room = new Room(room, line, await line.request('chat/hello'), guest)
    guest.#room.enter()
    await guest.sees('ready')
    return guest
  }

  get room(): Room {
    return this.#room as Room
  }

  /** Fulfilled when this has happened. */
  sees(what: string): Promise<void> {
    return this.seen.until(what, all => all.includes(what))
  }

  /** Shows a picture. */
  show(title: string, bytes: Uint8Array<ArrayBuffer>): void {
    const picture = { title, size: bytes.length, width: 1, height: 1 }
    this.room.show({ room: this.room.name, id: `picture-${title}`, picture, bytes, url: '', has: 0 } satisfies Upload)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.room.leave()
    await this.line.close()
  }

  // RoomOwner

  said(said: Said): boolean {
    if (!this.#known.add(said)) {
      this.seen.push(`again ${said.text}`)
      return false
    }
    if (said.picture === undefined) this.texts.push(said.text)
    this.seen.push(`said ${said.text}`)
    return true
  }

  gap(code?: string): void {
    this.seen.push(`gap ${code}`)
  }

  back({ count, whole }: Recovery): void {
    this.seen.push(`back ${count} ${whole}`)
  }

  ready(): void {
    this.seen.push('ready')
  }

  own(own: Own, state: ErrandState, why?: string): void {
    const what = isUpload(own) ? own.picture.title : own.text
    this.seen.push([state, what, why].filter(Boolean).join(' '))
  }

  progress(): void {}

  async picture({ picture }: Said, url: string): Promise<void> {
    if (url === '') return
    const bytes = await (await fetch(url)).arrayBuffer()
    URL.revokeObjectURL(url)
    this.#pictured(picture, Buffer.from(bytes))
  }

  noPicture({ picture }: Said, why: string): void {
    this.#pictured(picture, why)
  }

  people(roster: Roster, _count: number, { joined, left }: Change): void {
    this.names = [...roster.people.values()].sort()
    this.seen.push(...joined.map(name => `${name} came`), ...left.map(name => `${name} left`), 'people')
  }

  types(name: string): void {
    this.seen.push(typingWord([name]))
  }

  refused(why: string): void {
    this.seen.push(`refused ${why}`)
  }

  #took(known: KnownRooms): void {
    this.busy = this.#directory.take(known)
    this.seen.changed()
  }

  #pictured(picture: Said['picture'], what: Buffer | string): void {
    this.pictures.set(picture?.title ?? '', what)
    this.seen.changed()
  }
}
