/** What a line tells, in words for people or in JSON for programs. */
import type { ClientSocket, Closed, Handshake, HandshakeError, Message, WebSocketError } from 'hotline/client'
import type { Colors } from '../colors.ts'
import { hexdump } from './hexdump.ts'
import { layOut } from './json-text.ts'
import type { Outlet } from './outlet.ts'

/** Told of everything that happens, in order. */
export interface Printer {
  opened(socket: ClientSocket): void | Promise<void>
  message(message: Message): Promise<void>
  pong(milliseconds: number): void | Promise<void>
  closed(closed: Closed): void | Promise<void>
  failed(error: WebSocketError): void | Promise<void>
}

/** How people want it. */
export interface PrintOptions {
  /** JSON is laid out. */
  readonly pretty: boolean
  /** The opening handshake is told. */
  readonly handshake: boolean
  /** The end is told. */
  readonly end: boolean
  /** Messages go to a terminal: marked, and without characters that would steer it. */
  readonly terminal: boolean
  readonly colors: Colors
  /** Of what is not data. */
  readonly noteColors: Colors
}

/** Of a binary message, a terminal shows so many bytes. */
const MOST_BYTES = 4096

/** Characters that a terminal obeys instead of showing them: all control characters but tab and line feed. */
const STEERING = /(?![\t\n])\p{Cc}/gu

/** Shows the characters that a terminal would obey. */
export const harmless = (text: string): string =>
  text.replace(STEERING, character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)

export class PlainPrinter implements Printer {
  readonly #outlet: Outlet
  readonly #options: PrintOptions

  constructor(outlet: Outlet, options: PrintOptions) {
    this.#outlet = outlet
    this.#options = options
  }

  opened({ handshake, url }: ClientSocket): void {
    if (this.#options.handshake) this.#outlet.note(this.#handshake(handshake, url))
  }

  message(message: Message): Promise<void> {
    return this.#outlet.data(typeof message === 'string' ? this.#text(message) : this.#bytes(message))
  }

  pong(milliseconds: number): void {
    this.#outlet.note(`pong after ${milliseconds.toFixed(1)} ms`)
  }

  closed({ code, reason, clean }: Closed): void {
    const { end, noteColors } = this.#options
    if (!end) return
    const how = clean ? '' : ', without a closing handshake'
    this.#outlet.note(noteColors.dim(`closed: ${code}${reason === '' ? '' : ` ${harmless(reason)}`}${how}`))
  }

  failed(error: WebSocketError): void {
    const { status, headers, body } = error as HandshakeError
    if (!this.#options.handshake || status === undefined) return
    this.#outlet.note(this.#answer(status, headers ?? {}))
    if (body) this.#outlet.note(harmless(body.trimEnd()))
  }

  #text(text: string): string {
    const { pretty, terminal, colors } = this.#options
    const shown = terminal ? harmless(text) : text
    const laidOut = pretty ? layOut(shown, colors) : undefined
    return this.#marked(laidOut ?? shown)
  }

  #bytes(bytes: Uint8Array): string {
    const { terminal, colors } = this.#options
    if (!terminal) return hexdump(bytes)
    const dump = bytes.length === 0 ? '' : `\n${hexdump(bytes, MOST_BYTES)}`
    return this.#marked(`${colors.dim(`${bytes.length} bytes`)}${dump}`)
  }

  #marked(text: string): string {
    const { terminal, colors } = this.#options
    return terminal ? `${colors.cyan('<')} ${text}` : text
  }

  #handshake({ request, response }: Handshake, url: string): string {
    const lines = [`GET ${request.target} HTTP/1.1`, ...fieldLines(request.headers)]
    const { dim, bold } = this.#options.noteColors
    const sent = lines.map(line => dim(`> ${line}`)).join('\n')
    return `${bold(`* ${url}`)}\n${sent}\n${this.#answer(response.status, response.headers)}`
  }

  #answer(status: number, headers: Readonly<Record<string, string>>): string {
    const { dim } = this.#options.noteColors
    return [`HTTP/1.1 ${status}`, ...fieldLines(headers)].map(line => dim(`< ${harmless(line)}`)).join('\n')
  }
}

const fieldLines = (headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}`)

/** One JSON object a line, all on standard output. */
export class JsonPrinter implements Printer {
  readonly #outlet: Outlet
  readonly #verbose: boolean

  constructor(outlet: Outlet, verbose: boolean) {
    this.#outlet = outlet
    this.#verbose = verbose
  }

  opened({ url, protocol, extensions, handshake }: ClientSocket): Promise<void> {
    return this.#event('open', { url, protocol, extensions, ...(this.#verbose ? { handshake } : {}) })
  }

  message(message: Message): Promise<void> {
    if (typeof message === 'string') return this.#event('message', { type: 'text', data: message })
    return this.#event('message', { type: 'binary', hex: Buffer.from(message).toString('hex') })
  }

  pong(milliseconds: number): Promise<void> {
    return this.#event('pong', { milliseconds })
  }

  closed({ code, reason, clean }: Closed): Promise<void> {
    return this.#event('close', { code, reason, clean })
  }

  failed(error: WebSocketError): Promise<void> {
    const { code, message } = error
    const { status, headers, body } = error as Partial<HandshakeError>
    return this.#event('error', { code, message, status, headers, body })
  }

  #event(event: string, fields: object): Promise<void> {
    return this.#outlet.data(JSON.stringify({ event, time: new Date().toISOString(), ...fields }))
  }
}
