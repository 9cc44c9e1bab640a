/** The WebSocket class of the WHATWG standard (websockets.spec.whatwg.org, §3), for Node. Steps are cited as its own. */
import { Connection, type ConnectionOwner } from '../connection/connection.ts'
import { ClosedError, WebSocketError } from '../errors.ts'
import { CloseCode, type Closed, MAX_REASON_BYTES } from '../protocol/close.ts'
import { formatExtensions } from '../protocol/handshake/extensions.ts'
import { runReady } from '../runtime/node/lane.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import { asInterface, clampUint16, toContent, toText, toTexts } from './convert.ts'
import { establish, type Line, onAbort, requireProtocol } from './establish.ts'
import { CloseEvent, ErrorEvent, type WebSocketEventMap } from './events.ts'
import { type EventHandler, HandlerAttributes } from './handlers.ts'
import { type ClientOptions, type ResolvedClient, resolveClient } from './options.ts'
import { Sending } from './sending.ts'
import { Tasks } from './tasks.ts'
import { parseProtocols, parseUrl } from './url.ts'

/** What `send` takes. */
export type WebSocketData = string | ArrayBuffer | ArrayBufferView | Blob

/** The class of `event.data` for binary messages. */
export type BinaryType = 'blob' | 'arraybuffer'

const { dispatchEvent } = EventTarget.prototype

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const

/**
 * The WebSocket of browsers, in Node. In a browser, `import { WebSocket } from 'hotline'` is the browser's own class.
 *
 * @param url - ws:, wss:, http: or https:, without a fragment
 * @param protocols - the subprotocols to offer
 * @param options - what Node needs and browsers lack; browsers ignore it
 * @throws DOMException SyntaxError for a URL or subprotocol that is not one; UsageError for a wrong option
 * @example
 * ```ts
 * import { WebSocket } from 'hotline'
 *
 * const socket = new WebSocket('wss://example.com/echo')
 * socket.onopen = () => socket.send('hello')
 * socket.onmessage = event => console.log(event.data)
 * socket.onclose = event => console.log(event.code, event.reason)
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: types only; addEventListener stays that of EventTarget
export class WebSocket extends EventTarget {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3

  readonly #url: string
  readonly #origin: string
  readonly #handlers = new HandlerAttributes(this)
  /** Ends the handshake, or the line that has come of it, with this error. */
  #giveUp = (_error: WebSocketError): void => {}
  #forgetSignal = (): void => {}
  #readyState: 0 | 1 | 2 | 3 = CONNECTING
  readonly #sending = new Sending()
  #protocol = ''
  #extensions = ''
  #binaryType: BinaryType = 'blob'
  readonly #tasks = new Tasks<Task>(nodeRuntime.clock, task => this.#perform(task), runReady)

  constructor(url: string | URL, protocols: string | Iterable<string> = [], options: ClientOptions = {}) {
    super()
    // biome-ignore lint/complexity/noArguments: without a URL it is a TypeError, and undefined is a URL that is none (Web IDL)
    if (arguments.length === 0) throw new TypeError('a WebSocket needs a URL')
    const text = toText(url)
    const texts = toTexts(protocols)
    const target = parseUrl(text)
    this.#url = target.href
    this.#origin = target.origin
    const offered = parseProtocols(texts)
    const resolved = resolveClient(options, 'WebSocket')
    this.#start(target, offered, resolved)
  }

  get url(): string {
    return this.#url
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState
  }

  /** Bytes of application data that were sent and that the system has not taken. It does not fall when the line closes. */
  get bufferedAmount(): number {
    return this.#sending.buffered
  }

  /** The extensions in use, as the server named them. */
  get extensions(): string {
    return this.#extensions
  }

  /** The subprotocol that the server chose; '' when none. */
  get protocol(): string {
    return this.#protocol
  }

  /** The class of `event.data` for binary messages. Other values are ignored, as the standard's enumeration is. */
  get binaryType(): BinaryType {
    return this.#binaryType
  }

  set binaryType(value: BinaryType) {
    const text = toText(value)
    if (text === 'blob' || text === 'arraybuffer') this.#binaryType = text
  }

  get onopen(): EventHandler<Event> {
    return this.#handlers.get('open')
  }

  set onopen(handler: EventHandler<Event>) {
    this.#handlers.set('open', handler)
  }

  get onmessage(): EventHandler<MessageEvent> {
    return this.#handlers.get('message')
  }

  set onmessage(handler: EventHandler<MessageEvent>) {
    this.#handlers.set('message', handler)
  }

  get onerror(): EventHandler<ErrorEvent> {
    return this.#handlers.get('error')
  }

  set onerror(handler: EventHandler<ErrorEvent>) {
    this.#handlers.set('error', handler)
  }

  get onclose(): EventHandler<CloseEvent> {
    return this.#handlers.get('close')
  }

  set onclose(handler: EventHandler<CloseEvent>) {
    this.#handlers.set('close', handler)
  }

  /**
   * Sends text or binary; what is given may be changed afterwards. Without effect but on `bufferedAmount` when closing.
   *
   * @throws DOMException InvalidStateError while connecting; TypeError for memory shared with threads
   */
  send(data: WebSocketData): void {
    // biome-ignore lint/complexity/noArguments: send() is a TypeError and send(undefined) is not, and send.length is 1 (Web IDL)
    if (arguments.length === 0) throw new TypeError('send needs data')
    const content = toContent(data)
    if (this.#readyState === CONNECTING)
      throw new DOMException('the WebSocket is still connecting', 'InvalidStateError')
    if (this.#readyState === OPEN) this.#sending.send(content)
    else this.#sending.drop(content)
  }

  /**
   * Begins the closing handshake, or gives up connecting.
   *
   * @param code - 1000 or 3000 to 4999
   * @param reason - at most 123 bytes of UTF-8
   * @throws DOMException InvalidAccessError for another code, SyntaxError for a longer reason
   */
  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    const clamped = code === undefined ? undefined : clampUint16(code)
    const text = reason === undefined ? '' : toText(reason)
    if (clamped !== undefined && clamped !== CloseCode.normal && !(clamped >= 3000 && clamped <= 4999)) {
      throw new DOMException(`close code must be 1000 or 3000 to 4999, not ${clamped}`, 'InvalidAccessError')
    }
    if (nodeRuntime.codec.byteLength(text) > MAX_REASON_BYTES) {
      throw new DOMException(`the reason must be at most ${MAX_REASON_BYTES} bytes`, 'SyntaxError')
    }
    if (this.#readyState === CLOSING || this.#readyState === CLOSED) return
    const connecting = this.#readyState === CONNECTING
    this.#readyState = CLOSING
    if (connecting) this.#giveUp(new ClosedError(CloseCode.abnormal, 'closed before it was open'))
    else this.#sending.close(clamped ?? (text === '' ? CloseCode.noStatus : CloseCode.normal), text)
  }

  /** "Establish a WebSocket connection", in parallel. */
  #start(url: URL, protocols: readonly string[], options: ResolvedClient): void {
    const attempt = new AbortController()
    this.#giveUp = error => attempt.abort(error)
    this.#forgetSignal = onAbort(options.signal, error => this.#giveUp(error))
    establish(url, protocols, options, attempt.signal)
      .then(line => this.#opened(requireProtocol(line, protocols), options, attempt.signal))
      .catch(error => this.#tasks.queue(() => this.#ended(error)))
  }

  /** "When the WebSocket connection is established" */
  #opened(line: Line, { limits }: ResolvedClient, attempt: AbortSignal): void {
    const { transport, head, agreement, compression } = line
    if (attempt.aborted) {
      transport.destroy()
      throw attempt.reason
    }
    const owner: ConnectionOwner = {
      text: data => this.#tasks.queue(data),
      binary: data => this.#tasks.queue(data),
      closing: () => this.#tasks.queue(() => this.#closing()),
      closed: result => this.#tasks.queue(() => this.#finish(result)),
    }
    const connection = new Connection({ role: 'client', transport, runtime: nodeRuntime, limits, compression }, owner)
    this.#giveUp = error => connection.terminate(error)
    this.#sending.begin(connection, limits)
    this.#tasks.queue(() => {
      if (this.#readyState !== CONNECTING) return
      this.#readyState = OPEN
      this.#extensions = formatExtensions(agreement.extensions)
      this.#protocol = agreement.protocol
      this.#fire(new Event('open'))
    })
    connection.start(head)
  }

  #perform(task: Task): void {
    if (typeof task === 'function') task()
    else this.#message(task)
  }

  /** "When a WebSocket message has been received" */
  #message(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#readyState !== OPEN) return
    const data = typeof message === 'string' ? message : toBinary(message, this.#binaryType)
    this.#fire(new MessageEvent('message', { data, origin: this.#origin }))
  }

  /** "When the WebSocket closing handshake is started" */
  #closing(): void {
    if (this.#readyState === OPEN) this.#readyState = CLOSING
  }

  /** "When the WebSocket connection is closed, possibly cleanly" */
  #finish({ clean, received, error }: Closed): void {
    if (clean) this.#fireClose(true, received?.code ?? CloseCode.noStatus, received?.reason ?? '')
    else this.#ended(error instanceof WebSocketError ? error : undefined)
  }

  /** It failed: 1006, and what the standard hides from pages, in `error`. */
  #ended(error: WebSocketError | undefined): void {
    this.#readyState = CLOSED
    this.#fire(new ErrorEvent('error', { error }))
    // As if after the listeners of the error event: their promise reactions come before the close event (HTML §8.1.4.4).
    this.#tasks.queue(() => this.#fireClose(false, CloseCode.abnormal, '', error))
  }

  #fireClose(wasClean: boolean, code: number, reason: string, error?: WebSocketError): void {
    this.#readyState = CLOSED
    this.#forgetSignal()
    this.#fire(new CloseEvent('close', { wasClean, code, reason, error }))
  }

  /** "Fire an event", whatever a class that extends this one makes of dispatchEvent. */
  #fire(event: Event): void {
    dispatchEvent.call(this, event)
  }
}

/** What EventTarget has, with the events of this class. */
export interface WebSocket {
  addEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: ((event: WebSocketEventMap[K]) => unknown) | null,
    options?: ListenerParameters[2],
  ): void
  addEventListener(...parameters: ListenerParameters): void
}

type ListenerParameters = Parameters<EventTarget['addEventListener']>

/** What is queued: a message, which is most of it, or something else to do. */
type Task = string | Uint8Array<ArrayBuffer> | (() => void)

const toBinary = (bytes: Uint8Array<ArrayBuffer>, type: BinaryType): Blob | ArrayBuffer =>
  type === 'blob' ? new Blob([bytes]) : bytes.buffer

asInterface(
  WebSocket,
  'WebSocket',
  [
    'url',
    'readyState',
    'bufferedAmount',
    'onopen',
    'onerror',
    'onclose',
    'extensions',
    'protocol',
    'close',
    'onmessage',
    'binaryType',
    'send',
  ],
  { CONNECTING, OPEN, CLOSING, CLOSED },
)
