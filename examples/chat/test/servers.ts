/** Servers of the chat that are one, and clients of them that nobody made for it. */
import type { Backplane } from 'hotline/backplane'
import { openSocket } from 'hotline/client'
import { type Server, type ServerOptions, serve } from 'hotline/server'
import { Forger, type Wire } from '../../../test/support/forger.ts'
import { createApp } from '../app.ts'

/** A server of the chat, one of several. */
export class ChatServer {
  readonly server: Server
  readonly #stop: (() => void) | undefined

  private constructor(server: Server, stop: (() => void) | undefined) {
    this.server = server
    this.#stop = stop
  }

  static async start(
    backplane: Backplane,
    options: Pick<ServerOptions<unknown>, 'whenAway' | 'report'> = {},
  ): Promise<ChatServer> {
    const app = createApp()
    const server = await serve({ port: 0, backplane, routes: app.routes, topics: app.topics ?? {}, ...options })
    app.start?.(server)
    return new ChatServer(server, app.stop)
  }

  get url(): string {
    return this.server.url as string
  }

  get port(): number {
    return this.server.port as number
  }

  async end(): Promise<void> {
    this.#stop?.()
    await this.server.close({ within: 1_000 })
  }
}

/** Somebody who speaks hotline.1 by hand. */
export class Stranger extends Forger {
  static async come({ url }: ChatServer, name: string): Promise<Stranger> {
    const token = JSON.stringify({ secret: `secret-of-${name}-0123456789`, name })
    const protocols = ['hotline.1', `hotline.token.${Buffer.from(token).toString('base64url')}`]
    return new Stranger(await openSocket(`${url}/chat`, { protocols }))
  }

  enter(room: string): Promise<Wire> {
    return this.subscribe(`chat/room/${room}`)
  }

  subscribe(topic: string): Promise<Wire> {
    return this.ask({ type: 'subscribe', topic, last: 50 })
  }

  request(name: string, data: unknown): Promise<Wire> {
    if (data instanceof Uint8Array) return this.ask({ type: 'request', name }, data)
    return this.ask({ type: 'request', name, data })
  }

  /** The data of the publications of a topic. */
  heard(topic: string): unknown[] {
    return this.messages.all.flatMap(one => (one['topic'] === topic && 'data' in one ? [one['data']] : []))
  }
}
