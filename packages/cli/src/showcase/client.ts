/** One run of the client: its frame, its socket, and what comes of both. */
import { CLIENT_EVENT, type ClientNews } from './news.ts'

export type SocketEvent = 'open' | 'message' | 'error' | 'close'

const EVENTS = ['open', 'message', 'error', 'close'] as const

/** Who is told. */
export interface ClientObserver {
  started(socket: WebSocket): void
  event(type: SocketEvent, event: Event): void
  console(level: 'log' | 'error', values: readonly unknown[]): void
  failed(message: string): void
}

export class Client {
  readonly #frame = document.createElement('iframe')
  #socket: WebSocket | undefined
  /** What the client has said to its console inside a handler of an event that is not told yet. */
  #said: (() => void)[] = []
  #ended = false

  constructor(url: string, observer: ClientObserver) {
    this.#frame.title = 'The document in which the client runs'
    this.#frame.hidden = true
    this.#frame.src = `/frame?url=${encodeURIComponent(url)}`
    this.#frame.addEventListener(CLIENT_EVENT, event => {
      if (!this.#ended) this.#tell((event as CustomEvent<ClientNews>).detail, observer)
    })
    document.body.append(this.#frame)
  }

  get socket(): WebSocket | undefined {
    return this.#socket
  }

  /** Takes its document away, and with it its socket. */
  end(): void {
    this.#ended = true
    this.#frame.remove()
  }

  #tell(news: ClientNews, observer: ClientObserver): void {
    if (news.kind === 'console') this.#hold(() => observer.console(news.level, news.values))
    else if (news.kind === 'failed') observer.failed(news.message)
    else this.#observe(news.socket, observer)
  }

  /** The client was there first, so its handlers run before ours: what they say waits until the event is told. */
  #observe(socket: WebSocket, observer: ClientObserver): void {
    this.#socket = socket
    observer.started(socket)
    for (const type of EVENTS) {
      socket.addEventListener(type, event => {
        if (this.#ended) return
        observer.event(type, event)
        this.#release()
      })
    }
  }

  #hold(say: () => void): void {
    this.#said.push(say)
    setTimeout(() => this.#release())
  }

  #release(): void {
    for (const say of this.#said.splice(0)) if (!this.#ended) say()
  }
}
