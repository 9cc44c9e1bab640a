/** The page: dial a URL, run the client on it, show what happens, and talk over its socket. */
import { byId } from '../../../../examples/look/dom.ts'
import { quoted, webSocketUrl } from '../serve/seed-client.ts'
import { advice } from './advice.ts'
import { Client, type ClientObserver, type SocketEvent } from './client.ts'
import { CloseForm } from './close-form.ts'
import { describeBytes, describeText, formatHex } from './data.ts'
import { SendForm } from './send-form.ts'
import { Timeline } from './timeline.ts'

const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const

const page = new URL(location.href)
const ownScheme = page.protocol === 'https:' ? 'wss:' : 'ws:'
const dial = byId('dial', HTMLFormElement)
const field = byId('url', HTMLInputElement)
const schemes = dial.elements.namedItem('scheme') as RadioNodeList
const timeline = new Timeline(byId('timeline', HTMLElement))
const send = new SendForm(what => timeline.add('sent', 'sent', what.facts, what.content), showState)
const close = new CloseForm(what => timeline.add('sent', 'close()', what), showState)
let client: Client | undefined

field.value = `${ownScheme}//${page.host}/echo`
urlChanged()
field.addEventListener('input', urlChanged)
for (const radio of dial.querySelectorAll<HTMLInputElement>('input[name=scheme]')) {
  radio.addEventListener('change', () => {
    field.value = `${radio.value}//${field.value.replace(/^[a-z]*:?\/*/i, '')}`
    urlChanged()
  })
}
for (const button of dial.querySelectorAll<HTMLButtonElement>('[data-path]')) {
  button.addEventListener('click', () => {
    field.value = `${ownScheme}//${page.host}${button.dataset['path']}`
    urlChanged()
    run()
  })
}
dial.addEventListener('submit', event => {
  event.preventDefault()
  run()
})

/** The code, the scheme and the advice follow the URL. */
function urlChanged(): void {
  const url = webSocketUrl(field.value)
  field.setAttribute('aria-invalid', String(url === undefined))
  byId('advice', HTMLElement).textContent =
    url === undefined ? 'A WebSocket URL begins with ws:// or wss:// and has no #.' : advice(new URL(url), page)
  if (url === undefined) return
  schemes.value = new URL(url).protocol
  byId('client-url', HTMLElement).textContent = quoted(url)
}

function run(): void {
  const url = webSocketUrl(field.value)
  if (url === undefined) {
    field.focus()
    return
  }
  client?.end()
  timeline.clear()
  for (const counter of counters()) counter.textContent = '0'
  for (const lamp of document.querySelectorAll('.lamps .fired')) lamp.classList.remove('fired')
  timeline.add('note', 'run', `new WebSocket("${quoted(url)}")`)
  client = new Client(url, observer)
  showState()
}

const observer: ClientObserver = {
  started: showState,
  event(type, event) {
    count(type)
    tell(type, event)
    showState()
  },
  console: (level, values) => timeline.add('console', `console.${level}`, values.map(describe).join(' ')),
  failed(message) {
    timeline.add('error', 'exception', message)
    showState()
  },
}

/** One entry for each event, with what the event says. */
function tell(type: SocketEvent, event: Event): void {
  if (type === 'message') tellMessage((event as MessageEvent).data)
  else if (type === 'close') {
    const { code, reason, wasClean } = event as CloseEvent
    timeline.add(type, type, `code ${code}, reason "${reason}", wasClean ${wasClean}`)
  } else if (type === 'open') {
    const { protocol = '', extensions = '' } = client?.socket ?? {}
    timeline.add(type, type, `protocol "${protocol}", extensions "${extensions}"`)
  } else timeline.add(type, type, 'browsers do not tell pages why; the close event follows')
}

function tellMessage(data: string | Blob): void {
  if (typeof data === 'string') timeline.add('message', 'message', describeText(data), data)
  else {
    const bytes = data.arrayBuffer().then(buffer => formatHex(new Uint8Array(buffer)))
    timeline.add('message', 'message', describeBytes(data.size), bytes)
  }
}

/** As a console shows it, in short. The values come from another document, so their classes are not ours. */
function describe(value: unknown): string {
  if (typeof value === 'string') return value
  const name = Object.prototype.toString.call(value).slice(8, -1)
  return name === 'Event' ? `Event { type: "${(value as Event).type}" }` : name
}

function counters(): NodeListOf<HTMLElement> {
  return document.querySelectorAll<HTMLElement>('[data-event]')
}

function count(type: SocketEvent): void {
  for (const counter of counters()) {
    if (counter.dataset['event'] !== type) continue
    counter.textContent = String(Number(counter.textContent) + 1)
    counter.parentElement?.classList.add('fired')
  }
}

function showState(): void {
  const socket = client?.socket
  const state = byId('state', HTMLOutputElement)
  const name = socket === undefined ? undefined : STATES[socket.readyState]
  state.textContent = name === undefined ? 'not opened yet' : `${socket?.readyState} ${name}`
  state.dataset['state'] = name?.toLowerCase() ?? 'none'
  send.use(name === 'OPEN' ? socket : undefined)
  close.use(name === 'OPEN' || name === 'CONNECTING' ? socket : undefined)
}
