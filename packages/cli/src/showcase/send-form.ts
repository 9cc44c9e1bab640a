/** What a person sends over the client's socket: text, JSON that is one, or bytes. */
import { byId } from '../../../../examples/look/dom.ts'
import { describeBytes, describeText, formatHex, isJson, parseHex } from './data.ts'

type Kind = 'text' | 'json' | 'binary'

/** For the time line. */
export interface Sent {
  readonly facts: string
  readonly content: string
}

const KINDS: Readonly<Record<Kind, { name: string; example: string; wrong: string }>> = {
  text: { name: 'Text', example: 'Hello, line!', wrong: '' },
  json: { name: 'JSON', example: '{ "type": "move", "to": [3, 4] }', wrong: 'This is not JSON yet.' },
  binary: {
    name: 'Bytes in hexadecimal',
    example: '68 6f 74 6c 69 6e 65',
    wrong: 'Write pairs of hexadecimal digits, such as 00 ff 7a.',
  },
}

const HINT = 'Enter sends, Shift+Enter begins a new line.'

export class SendForm {
  readonly #form = byId('send', HTMLFormElement)
  readonly #message = byId('message', HTMLTextAreaElement)
  readonly #note = byId('send-note', HTMLElement)
  readonly #file = byId('file', HTMLInputElement)
  readonly #drafts = new Map<Kind, string>()
  readonly #sent: (what: Sent) => void
  readonly #after: () => void
  #kind: Kind = 'text'
  #socket: WebSocket | undefined

  constructor(sent: (what: Sent) => void, after: () => void) {
    this.#sent = sent
    this.#after = after
    this.#message.value = KINDS.text.example
    this.#form.addEventListener('change', event => {
      const { name, value } = event.target as HTMLInputElement
      if (name === 'kind') this.#choose(value as Kind)
    })
    this.#file.addEventListener('change', () => this.#showFile())
    this.#message.addEventListener('input', () => this.#forgetFile())
    this.#message.addEventListener('keydown', event => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      this.#form.requestSubmit()
    })
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      this.#submit()
    })
  }

  /** The socket to send on; undefined when there is none that is open. */
  use(socket: WebSocket | undefined): void {
    this.#socket = socket
    for (const button of this.#form.querySelectorAll('button')) button.disabled = socket === undefined
  }

  #choose(kind: Kind): void {
    this.#drafts.set(this.#kind, this.#message.value)
    this.#kind = kind
    this.#message.value = this.#drafts.get(kind) ?? KINDS[kind].example
    byId('message-name', HTMLElement).textContent = KINDS[kind].name
    this.#file.labels?.item(0)?.toggleAttribute('hidden', kind !== 'binary')
    this.#say(HINT)
  }

  #submit(): void {
    const socket = this.#socket
    if (socket === undefined) return
    const file = this.#kind === 'binary' ? this.#file.files?.item(0) : undefined
    const data = file ?? this.#typed()
    if (data === undefined) {
      this.#say(KINDS[this.#kind].wrong, true)
      this.#message.focus()
      return
    }
    this.#say(HINT)
    socket.send(data)
    this.#sent(describe(data))
    this.#after()
  }

  #typed(): string | Uint8Array<ArrayBuffer> | undefined {
    const text = this.#message.value
    if (this.#kind === 'binary') return parseHex(text)
    return this.#kind === 'json' && !isJson(text) ? undefined : text
  }

  #showFile(): void {
    const file = this.#file.files?.item(0)
    byId('file-name', HTMLElement).textContent = file?.name ?? 'Choose a file'
    if (file) this.#say(`Send sends the ${file.size.toLocaleString('en')} bytes of the file.`)
  }

  #forgetFile(): void {
    this.#file.value = ''
    this.#showFile()
  }

  #say(text: string, wrong = false): void {
    this.#note.textContent = text
    this.#note.classList.toggle('wrong', wrong)
    this.#message.setAttribute('aria-invalid', String(wrong))
  }
}

function describe(data: string | Uint8Array | File): Sent {
  if (typeof data === 'string') return { facts: describeText(data), content: data }
  if (data instanceof Uint8Array) return { facts: describeBytes(data.length), content: formatHex(data) }
  return { facts: describeBytes(data.size), content: data.name }
}
