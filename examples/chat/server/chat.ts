/** What visitors ask of the chat, and may do in it. */
import { BackplaneError, RequestError, type Server, type ServerSocket, type TypedRequests } from 'hotline/server'
import * as v from 'valibot'
import { type chat, pictureOf, topicOf } from '../contract.ts'
import { LIMITS, type Progress, Room, type Said } from '../messages.ts'
import { Directory, roomCount } from './directory.ts'
import { Once } from './once.ts'
import { give, takeBack } from './parts.ts'
import { type Announced, Pictures, type Upload } from './pictures.ts'
import { type Visitor, visitorOf } from './visitors.ts'

/** Rooms that there may be. One is forgotten an hour after the last word in it. */
const MAX_ROOMS = 1_000

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
      return this.#read(room, pictureOf(who, id), from)
    },
  }
  readonly #pictures = new Pictures(undefined, upload => this.#server && takeBack(this.#server, upload))
  /** When what was said, or is about to be: an answer that was lost is given again, and the room hears it once. */
  readonly #said = new Once<Promise<number>>()
  #server: Server | undefined
  #directory: Directory | undefined

  start(server: Server): void {
    this.#server = server
    this.#directory = new Directory(server)
  }

  stop(): void {
    this.#directory?.stop()
  }

  /** Whether this is a line of the chat: another route of the server may speak hotline.1 too. */
  knows(socket: ServerSocket): boolean {
    return visitorOf(socket) !== undefined
  }

  mayEnter(socket: ServerSocket, topic: string): boolean {
    const visitor = visitorOf(socket)
    const room = topic.split('/').at(-1)
    const { success, issues } = v.safeParse(Room, room)
    if (!success) throw new RequestError('schema', issues[0].message)
    visitor.enters.take()
    if (this.#server !== undefined && roomCount(this.#server) >= MAX_ROOMS && !this.#exists(topicOf(room ?? ''))) {
      throw new RequestError('limit', 'there are too many rooms: enter one that is there')
    }
    return true
  }

  /** Who types says so in its own name, where it is. */
  mayType(socket: ServerSocket, topic: string, who: string): boolean {
    return who === visitorOf(socket).key && this.#topicsOf(socket).includes(topic)
  }

  /** Who is in a room sees its pictures, on whatever server they are. */
  mayLook(socket: ServerSocket, topic: string): boolean {
    const [, , room = ''] = topic.split('/')
    this.#in(room, socket).looks.take()
    return true
  }

  #hello(socket: ServerSocket): { key: string; name: string } {
    const { key, name } = visitorOf(socket)
    return { key, name }
  }

  async #say(socket: ServerSocket, room: string, words: Words): Promise<{ at: number }> {
    const visitor = this.#in(room, socket)
    const before = this.#said.get(visitor.key, room, words.id)
    if (before !== undefined) return { at: await before }
    visitor.says.take()
    return { at: await this.#once(visitor, room, words.id, () => this.#publish(visitor, socket, room, words)) }
  }

  async #begin(socket: ServerSocket, announced: Announced): Promise<Progress> {
    const { room, id, size } = announced
    const visitor = this.#in(room, socket)
    const before = this.#said.get(visitor.key, room, id)
    if (before !== undefined) return { has: size, at: await before }
    visitor.pictures.take()
    const upload = this.#pictures.begin(pictureOf(visitor.key, id), announced)
    visitor.upload = upload.key
    return upload.isWhole ? this.#show(visitor, socket, upload) : { has: upload.has }
  }

  async #piece(socket: ServerSocket, piece: Uint8Array): Promise<Progress> {
    const visitor = visitorOf(socket)
    const upload = this.#pictures.add(visitor.upload, piece)
    return upload.isWhole ? this.#show(visitor, socket, upload) : { has: upload.has }
  }

  /** The other servers have it before anybody hears of it. */
  async #show(visitor: Visitor, socket: ServerSocket, upload: Upload): Promise<Progress> {
    const { room, id, ...picture } = upload.announced
    this.#in(room, socket)
    visitor.upload = undefined
    const at = await this.#once(visitor, room, id, async () => {
      if (this.#server?.backplane !== undefined) await give(this.#server, upload)
      return this.#publish(visitor, socket, room, { id, text: '', picture })
    })
    return { has: upload.has, at }
  }

  #read(room: string, picture: string, from: number): Uint8Array<ArrayBuffer> {
    if (this.#server?.backplane !== undefined && !this.#pictures.has(picture, room)) {
      throw new RequestError('elsewhere', 'the picture is not on this server: subscribe to its parts')
    }
    return this.#pictures.read(picture, room, from, LIMITS.piece)
  }

  #once({ key }: Visitor, room: string, id: string, say: () => Promise<number>): Promise<number> {
    const said = say().catch(error => {
      this.#said.delete(key, room, id)
      if (!(error instanceof BackplaneError)) throw error
      throw new RequestError('unavailable', 'the servers have lost each other', { cause: error })
    })
    this.#said.set(key, room, id, said)
    return said
  }

  /** Fulfilled when it is in the room, on all servers. */
  async #publish({ key, name }: Visitor, socket: ServerSocket, room: string, words: Words): Promise<number> {
    const said: Said = { ...words, who: key, name, at: Date.now() }
    await socket.publish(topicOf(room), said).stored
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
}
