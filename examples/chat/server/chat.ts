/** What visitors ask of the chat, and may do in it. */
import { RequestError, type RequestHandler, type Server, type ServerSocket } from 'hotline/server'
import * as v from 'valibot'
import {
  BeginPicture,
  LIMITS,
  type Progress,
  ReadPicture,
  ROOMS,
  Room,
  type Said,
  Say,
  topicOf,
  typingIn,
} from '../messages.ts'
import { busiest, roomCount } from './directory.ts'
import { Once } from './once.ts'
import { Pictures } from './pictures.ts'
import { type Visitor, visitorOf } from './visitors.ts'

/** Rooms that there may be. One is forgotten an hour after the last word in it. */
const MAX_ROOMS = 1_000

/** Milliseconds between two looks at who is where. */
const LOOK = 500

/** What a visitor brings to a room; the server adds who, and when. */
type Words = Pick<Said, 'id' | 'text' | 'picture'>

export class Chat {
  readonly requests: Readonly<Record<string, RequestHandler>> = {
    'chat/hello': socket => this.#hello(socket),
    'chat/say': (socket, data) => this.#say(socket, data),
    'chat/picture/begin': (socket, data) => this.#begin(socket, data),
    'chat/picture/piece': (socket, piece) => this.#piece(socket, piece),
    'chat/picture/read': (socket, data) => this.#read(socket, data),
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
  mayType(socket: ServerSocket, topic: string, who: unknown): boolean {
    const { key, typing } = visitorOf(socket)
    typing.take()
    return who === key && this.#topicsOf(socket).includes(topic) && topic.startsWith(typingIn(''))
  }

  #hello(socket: ServerSocket): { key: string; name: string } {
    const { key, name } = visitorOf(socket)
    return { key, name }
  }

  #say(socket: ServerSocket, data: unknown): { at: number } {
    const { room, ...words } = parse(Say, data)
    const visitor = this.#in(room, socket)
    const before = this.#said.get(visitor.key, topicOf(room), words.id)
    if (before !== undefined) return { at: before }
    visitor.says.take()
    return { at: this.#publish(visitor, socket, room, words) }
  }

  #begin(socket: ServerSocket, data: unknown): Progress {
    const { room, id, ...picture } = parse(BeginPicture, data)
    const visitor = this.#in(room, socket)
    const at = this.#said.get(visitor.key, topicOf(room), id)
    if (at !== undefined) return { has: picture.size, at }
    visitor.pictures.take()
    const key = Pictures.key(visitor.key, id)
    const upload = this.#pictures.begin(key, { room, id, ...picture })
    visitor.upload = key
    return { has: upload.has }
  }

  #piece(socket: ServerSocket, piece: unknown): Progress {
    const visitor = visitorOf(socket)
    const upload = this.#pictures.add(visitor.upload, piece)
    if (!upload.isWhole) return { has: upload.has }
    const { room, id, ...picture } = upload.announced
    this.#in(room, socket)
    visitor.upload = undefined
    return { has: upload.has, at: this.#publish(visitor, socket, room, { id, text: '', picture }) }
  }

  #read(socket: ServerSocket, data: unknown): Uint8Array {
    const { room, who, id, from } = parse(ReadPicture, data)
    this.#in(room, socket)
    return this.#pictures.read(Pictures.key(who, id), room, from, LIMITS.piece)
  }

  #publish({ key, name }: Visitor, socket: ServerSocket, room: string, words: Words): number {
    const said: Said = { ...words, who: key, name, at: Date.now() }
    socket.publish(topicOf(room), said)
    this.#said.set(key, topicOf(room), words.id, said.at)
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
    server.publish(ROOMS, rooms)
  }
}

/** @throws RequestError with the code `schema`, which says where it does not fit */
function parse<S extends v.GenericSchema>(schema: S, data: unknown): v.InferOutput<S> {
  const { success, output, issues } = v.safeParse(schema, data)
  if (success) return output
  const [issue] = issues
  throw new RequestError('schema', `${v.getDotPath(issue) ?? 'data'}: ${issue.message}`.slice(0, 200))
}
