/** How a client asks over HTTP: a connection of its own, which stays. */

import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { text } from 'node:stream/consumers'

export interface Door {
  /** Fulfilled with the body; tells when the request is on its way. */
  get(path: string, sent?: () => void): Promise<string>
  /** Fulfilled with the function that ends it, once the answer has begun; its body is heard as it comes. */
  listen(path: string, hear: (text: string) => void, ended: () => void): Promise<() => void>
  close(): void
}

type Headers = Readonly<Record<string, string>>

export class Http1Door implements Door {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #port: number
  readonly #headers: Headers

  constructor(port: number, headers: Headers) {
    this.#port = port
    this.#headers = headers
  }

  async get(path: string, sent?: () => void): Promise<string> {
    return text(await this.#ask(path, sent))
  }

  async listen(path: string, hear: (text: string) => void, ended: () => void): Promise<() => void> {
    const answer = await this.#ask(path)
    answer
      .setEncoding('utf8')
      .on('data', hear)
      .on('error', () => {})
      .once('close', ended)
    return () => void answer.destroy()
  }

  close(): void {
    this.#agent.destroy()
  }

  async #ask(path: string, sent: () => void = () => {}): Promise<IncomingMessage> {
    const request = httpRequest({
      port: this.#port,
      host: '127.0.0.1',
      path,
      agent: this.#agent,
      headers: this.#headers,
    })
    const [answer] = (await once(request.once('finish', sent).end(), 'response')) as [IncomingMessage]
    if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`)
    return answer
  }
}

/** HTTP/2 over TCP by prior knowledge: its header compression and frames without TLS. RFC 9113 §3.3 */
export class Http2Door implements Door {
  readonly #session: ClientHttp2Session
  readonly #headers: Headers

  constructor(port: number, headers: Headers) {
    this.#session = connect(`http://127.0.0.1:${port}`)
    this.#session.on('error', () => {})
    this.#headers = headers
  }

  async get(path: string, sent?: () => void): Promise<string> {
    return text(await this.#ask(path, sent))
  }

  async listen(path: string, hear: (text: string) => void, ended: () => void): Promise<() => void> {
    const stream = await this.#ask(path)
    stream
      .setEncoding('utf8')
      .on('data', hear)
      .on('error', () => {})
      .once('close', ended)
    return () => stream.close()
  }

  close(): void {
    this.#session.destroy()
  }

  async #ask(path: string, sent: () => void = () => {}): Promise<ReturnType<ClientHttp2Session['request']>> {
    const stream = this.#session.request({ ':path': path, ...this.#headers })
    if (stream.pending) stream.once('ready', sent)
    else sent()
    const [{ ':status': status }] = (await once(stream, 'response')) as [{ ':status'?: number }]
    if (status !== 200) throw new Error(`the server answered ${status}`)
    return stream
  }
}
