/** A client of hotline.1 in plain JavaScript: topics with resume and presence, publications, requests, and a line that comes back. */

/**
 * @typedef {{ count: number, members?: object, join?: object, leave?: string[] }} Presence
 * @typedef {{ last?: number, publication: (data: unknown) => void, presence?: (now: Presence) => void, missed?: () => void }} Reader
 * @typedef {Reader & { since?: { epoch: string, offset: number } }} Topic
 * @typedef {{ epoch?: string, offset: number, recovered?: boolean, presence?: Presence, data?: unknown }} Answer
 * @typedef {Answer & Presence & { type: string, id?: number, topic: string, after?: number, code?: string, reason?: string }} Message
 * @typedef {{ resolve: (answer: Answer) => void, reject: (error: Error) => void }} Waiting
 */

export class TopicsClient {
  #id = 0
  #tries = 0
  #closed = false
  /** @type {number | undefined} */
  #after
  /** @type {WebSocket | undefined} */
  #socket
  /** @type {Map<string, Topic>} */
  #topics = new Map()
  /** @type {Map<number, Waiting>} */
  #waiting = new Map()

  /**
   * @param {string} url
   * @param {{ state?: (state: 'connecting' | 'open' | 'waiting' | 'closed') => void, token?: string }} [options]
   */
  constructor(url, { state = () => {}, token } = {}) {
    this.url = url
    this.state = state
    this.protocols = token === undefined ? ['hotline.1'] : ['hotline.1', `hotline.token.${base64url(token)}`]
    this.#connect()
  }

  /** Reads a topic, over as many lines as it takes; `missed` says that there is a gap. @param {string} name @param {Reader} reader */
  subscribe(name, reader) {
    const topic = { ...reader }
    this.#topics.set(name, topic)
    if (this.#isOpen) this.#resume(name, topic)
  }

  /** @param {string} topic @param {unknown} data */
  publish(topic, data) {
    return this.#ask({ type: 'publish', topic, data })
  }

  /** @param {string} name @param {unknown} [data] */
  request(name, data, timeout = 10_000) {
    return this.#ask({ type: 'request', name, data, timeout }).then(reply => reply.data)
  }

  close() {
    this.#closed = true
    this.#socket?.close(1000)
  }

  get #isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  #connect() {
    this.state('connecting')
    const socket = new WebSocket(this.url, this.protocols)
    this.#socket = socket
    socket.onopen = () => {
      this.state('open')
      for (const [name, topic] of this.#topics) this.#resume(name, topic)
    }
    socket.onmessage = ({ data }) => typeof data === 'string' && this.#take(JSON.parse(data))
    socket.onclose = ({ code, reason }) => this.#lost(code, reason)
  }

  /** @param {number} code @param {string} reason */
  #lost(code, reason) {
    for (const { reject } of this.#waiting.values()) reject(new Error(`the line was lost: ${code} ${reason}`))
    this.#waiting.clear()
    const isFinal = this.#closed || [1000, 1002, 1003, 1007, 1008, 1009].includes(code) || (code >= 4400 && code < 4500)
    this.state(isFinal ? 'closed' : 'waiting')
    if (isFinal) return
    const backoff = Math.random() * Math.min(30_000, 500 * 2 ** this.#tries++)
    setTimeout(() => this.#connect(), (this.#after ?? 0) + backoff)
    this.#after = undefined
  }

  /** @param {string} name @param {Topic} topic */
  async #resume(name, topic) {
    const { since, last, presence } = topic
    try {
      const answer = await this.#ask({ type: 'subscribe', topic: name, since, last, presence: presence !== undefined })
      this.#begin(topic, answer)
      if (answer.presence) presence?.(answer.presence)
    } catch (error) {
      if (this.#isOpen) console.error(`cannot subscribe to ${name}:`, error)
    }
  }

  /** @param {Topic} topic @param {Answer} place */
  #begin(topic, { recovered, epoch, offset }) {
    if (recovered === false) topic.missed?.()
    if (epoch !== undefined) topic.since = { epoch, offset }
  }

  /** @param {object} message @returns {Promise<Answer>} */
  #ask(message) {
    const socket = this.#socket
    if (!this.#isOpen) return Promise.reject(new Error('there is no line now'))
    const id = ++this.#id
    socket?.send(JSON.stringify({ ...message, id }))
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  /** @param {Message} message */
  #take(message) {
    this.#tries = 0
    const { type, id, topic: name } = message
    const topic = this.#topics.get(name)
    if (type === 'publication') {
      if (topic?.since) topic.since.offset = message.offset
      topic?.publication(message.data)
    } else if (type === 'presence') topic?.presence?.(message)
    else if (type === 'passed') topic?.missed?.()
    else if (type === 'subscribed' && topic && !id)
      this.#begin(topic, message) // the server has lost its place
    else if (type === 'retry') this.#after = message.after
    else if (type === 'request') {
      const answer = { type: 'error', id, code: 'unknown-request', reason: 'this client answers nothing' }
      this.#socket?.send(JSON.stringify(answer))
    } else if (id !== undefined) this.#settle(id, message)
  }

  /** @param {number} id @param {Message} message */
  #settle(id, message) {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (message.type !== 'error') waiting?.resolve(message)
    else waiting?.reject(Object.assign(new Error(message.reason), { code: message.code }))
  }
}

/** @param {string} text */
function base64url(text) {
  const binary = String.fromCharCode(...new TextEncoder().encode(text))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
