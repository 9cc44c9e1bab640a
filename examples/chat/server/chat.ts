/** What visitors ask of the chat, and may do in it. */
import { RequestError, type Server, type ServerSocket, type TypedRequests, typedServer } from 'hotline/server'
import * as v from 'valibot'
import { chat, topicOf } from '../contract.ts'
import { LIMITS, type Progress, Room, type Said } from '../messages.ts'
import { busiest, roomCount } from './directory.ts'
import { Once } from './once.ts'
import { type Announced, Pictures } from './pictures.ts'
import { type Visitor, visitorOf } from './visitors.ts'

/** Rooms that there may be. One is forgotten an hour after the last word in it. */
const MAX_ROOMS = 1_000

/** Milliseconds between two looks at who is where. */
const LOOK = 500

/** What a visitor brings to a room; the server adds who, and when. */
type Words = Pick<Said, 'id' | 'text' | 'picture'>

export class Chat {
  readonly requests: TypedRequests<typeof chat> = {
    'chat/hello': ({ socket }) => this.#hello(socket),
    'chat/say': ({ socket }, { room, ...words }) => this.#say(socket, room, words),
    'chat/picture/begin': ({ socket }, picture) => this.#begin(socket, picture),
    'chat/picture/piece': ({ socket }, piece) => this.#piece(socket, piece),
    'chat/picture/read': ({ socket }, { room, who, id, from }) => {
      this.#in(room, socket)
      return this.#pictures.read(Pictures.key(who, id), room, from, LIMITS.piece)
    },
  }
  readonly #pictures = new Pictures()
  /** When what was said: an answer that was lost is given again, and the room hears it once. */
  readonly #said = new Once<number>()
  #server: Server | undefined
  #timer: NodeJS.Timeout | undefined
  #rooms = '[]'

  start(server: Server): void {
    this.#server = server
    this.#timer = setInterval(() => this.#look(server), LOOK).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Whether this is a line of the chat: another route of the server may speak hotline.1 too. */
  knows(socket: ServerSocket): boolean {
    return visitorOf(socket) !== undefined
  }

  mayEnter(socket: ServerSocket, topic: string): boolean {
    visitorOf(socket)
    const room = topic.split('/').at(-1)
    const { success, issues } = v.safeParse(Room, room)
    if (!success) throw new RequestError('schema', issues[0].message)
    if (this.#server !== undefined && roomCount(this.#server) >= MAX_ROOMS && !this.#exists(topicOf(room ?? ''))) {
      throw new RequestError('limit', 'there are too many rooms: enter one that is there')
    }
    return true
  }

  /** Who types says so in its own name, where it is. */
  mayType(socket: ServerSocket, topic: string, who: string): boolean {
    return who === visitorOf(socket).key && this.#topicsOf(socket).includes(topic)
  }

  #hello(socket: ServerSocket): { key: string; name: string } {
    const { key, name } = visitorOf(socket)
    return { key, name }
  }

  #say(socket: ServerSocket, room: string, words: Words): { at: number } {
    const visitor = this.#in(room, socket)
    const before = this.#said.get(visitor.key, room, words.id)
    if (before !== undefined) return { at: before }
    visitor.says.take()
    return { at: this.#publish(visitor, socket, room, words) }
  }

  #begin(socket: ServerSocket, announced: Announced): Progress {
    const { room, id, size } = announced
    const visitor = this.#in(room, socket)
    const at = this.#said.get(visitor.key, room, id)
    if (at !== undefined) return { has: size, at }
    visitor.pictures.take()
    const key = Pictures.key(visitor.key, id)
    const upload = this.#pictures.begin(key, announced)
    visitor.upload = key
    return { has: upload.has }
  }

  #piece(socket: ServerSocket, piece: Uint8Array): Progress {
    const visitor = visitorOf(socket)
    const upload = this.#pictures.add(visitor.upload, piece)
    if (!upload.isWhole) return { has: upload.has }
    const { room, id, ...picture } = upload.announced
    this.#in(room, socket)
    visitor.upload = undefined
    return { has: upload.has, at: this.#publish(visitor, socket, room, { id, text: '', picture }) }
  }

  #publish({ key, name }: Visitor, socket: ServerSocket, room: string, words: Words): number {
    const said: Said = { ...words, who: key, name, at: Date.now() }
    socket.publish(topicOf(room), said)
    this.#said.set(key, room, words.id, said.at)
    return said.at
  }

  /** @throws RequestError when this line has not entered the room */
  #in(room: string, socket: ServerSocket): Visitor {
    const visitor = visitorOf(socket)
    if (!this.#topicsOf(socket).includes(topicOf(room))) throw new RequestError('denied', 'enter the room first')
    return visitor
  }

  #topicsOf(socket: ServerSocket): readonly string[] {
    return this.#server?.topics.topicsOf(socket) ?? []
  }

  #exists(topic: string): boolean {
    return this.#server?.topics.stats(topic) !== undefined
  }

  #look(server: Server): void {
    const rooms = busiest(server)
    const told = JSON.stringify(rooms)
    if (told === this.#rooms) return
    this.#rooms = told
    typedServer(chat, server).publish('chat/rooms', rooms)
  }
}
