/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The script of the page that `--html` writes. It stands in the page as it is, so it imports nothing that runs; what a
 * peer sent is only ever text. A case is made when it is opened.
 */
import type { Result } from '../engine/result.ts'
import type { Entry } from '../engine/transcript.ts'

const search = document.querySelector('#search') as HTMLInputElement
const shown = document.querySelector('#shown') as HTMLElement
const buttons = [...document.querySelectorAll<HTMLButtonElement>('[data-verdict]')]
const families = [...document.querySelectorAll<HTMLDetailsElement>('.family')]
const results = await read()
const cases = new Map(results.map(result => [result.id, { result, text: textOf(result), element: caseOf(result) }]))

for (const family of families) {
  const number = family.id.replace('family-', '')
  const own = results.filter(({ id }) => id.startsWith(`${number}.`))
  family.open = own.some(({ verdict }) => verdict === 'strict-fail')
  family.querySelector('.cases')?.append(...own.flatMap(({ id }) => cases.get(id)?.element ?? []))
}
for (const button of buttons)
  button.addEventListener('click', () => {
    button.ariaPressed = String(button.ariaPressed !== 'true')
    filter()
  })
search.addEventListener('input', filter)
addEventListener('keydown', press)
addEventListener('hashchange', follow)
filter()
follow()

async function read(): Promise<Result[]> {
  const packed = document.querySelector('#results')?.textContent ?? ''
  const bytes = Uint8Array.from(atob(packed), character => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return new Response(stream).json() as Promise<Result[]>
}

function textOf({ id, title, clause, notes }: Result): string {
  return [id, title, clause, ...notes].join(' ').toLowerCase()
}

/** Without a pressed button every verdict is shown. */
function filter(): void {
  const pressed = buttons.filter(button => button.ariaPressed === 'true').map(({ dataset }) => dataset['verdict'])
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  let count = 0
  for (const { result, text, element } of cases.values()) {
    const wanted = pressed.length === 0 || pressed.includes(result.verdict)
    element.hidden = !(wanted && words.every(word => text.includes(word)))
    if (!element.hidden) count++
  }
  for (const family of families) {
    const some = family.querySelector('.case:not([hidden])') !== null
    family.hidden = !some
    if (pressed.length + words.length > 0) family.open = some
  }
  shown.textContent = count === results.length ? `${count} cases` : `${count} of ${results.length} cases`
}

/** `#case-7.1.2` opens it. */
function follow(): void {
  const element = cases.get(location.hash.replace('#case-', ''))?.element
  if (element === undefined) return
  const family = element.closest<HTMLDetailsElement>('.family')
  if (family !== null) family.open = true
  element.open = true
  element.scrollIntoView()
}

function press(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const writing = document.activeElement === search
  if (event.key === 'Escape' && writing) {
    search.value = ''
    filter()
    search.blur()
  } else if (writing) return
  else if (event.key === '/') {
    event.preventDefault()
    search.focus()
  } else if (event.key === 'j' || event.key === 'k') step(event.key === 'j' ? 1 : -1)
}

/** To the next case that is to be seen, or the one before. */
function step(by: number): void {
  const seen = [...document.querySelectorAll<HTMLElement>('.family[open] .case:not([hidden]) > summary')]
  const at = seen.indexOf(document.activeElement as HTMLElement)
  const next = seen[at < 0 ? (by > 0 ? 0 : seen.length - 1) : at + by]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

function make(name: string, className: string, ...content: (string | Node)[]): HTMLElement {
  const element = document.createElement(name)
  element.className = className
  element.append(...content)
  return element
}

function caseOf(result: Result): HTMLDetailsElement {
  const { id, title, verdict } = result
  const summary = make('summary', '', make('span', 'id', id), make('span', 'title', title))
  summary.append(make('span', 'verdict', verdict))
  const element = make('details', `case ${verdict}`, summary) as HTMLDetailsElement
  element.id = `case-${id}`
  element.addEventListener('toggle', () => element.append(bodyOf(result)), { once: true })
  return element
}

function bodyOf({ clause, why, ending, milliseconds, notes, exchange, omitted }: Result): HTMLElement {
  const list = make('ol', 'exchange', ...exchange.map(entryOf))
  if (omitted > 0) list.append(make('li', 'more', `and ${omitted} more`))
  return make(
    'div',
    'body',
    ...(notes.length === 0 ? [] : [make('ul', 'notes', ...notes.map(note => make('li', '', note)))]),
    make('p', '', why),
    make('p', 'soft', `${clause}. The end: ${ending}, after ${milliseconds} ms.`),
    list,
  )
}

const WHO = { suite: 'suite →', peer: 'peer ←', note: '' } as const

function entryOf({ at, from, words, size, hex }: Entry): HTMLElement {
  const bytes = size === 0 ? '' : `${size} byte${size === 1 ? '' : 's'}`
  const told = make('span', 'words', [words, bytes].filter(Boolean).join('; '))
  const row = make('li', from, make('span', 'at', `${at} ms`), make('span', 'from', WHO[from]), told)
  if (hex !== '') row.append(make('pre', '', dump(hex, size)))
  return row
}

/** As `hexdump -C` has it, with as many bytes in a line as the screen has room for. */
function dump(hex: string, size: number): string {
  const width = matchMedia('(max-width: 640px)').matches ? 8 : 16
  const pairs = hex.match(/../g) ?? []
  const lines: string[] = []
  for (let start = 0; start < pairs.length; start += width) {
    const some = pairs.slice(start, start + width)
    const characters = some.map(pair => Number.parseInt(pair, 16))
    const plain = characters.map(code => (code > 31 && code < 127 ? String.fromCharCode(code) : '·')).join('')
    lines.push(`${some.join(' ').padEnd(width * 3)} ${plain}`)
  }
  return lines.join('\n') + (pairs.length < size ? '\n…' : '')
}
