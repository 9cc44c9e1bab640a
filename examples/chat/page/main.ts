/** The page of the chat: a name and a room, and then the visit, which a reload goes on with. */
import type { LineState } from 'hotline/client'
import * as v from 'valibot'
import { byId } from '../../look/dom.ts'
import { Name, Room, roomOf, tidy } from '../messages.ts'
import { Chat } from './chat.ts'
import { Screen } from './screen.ts'
import { forget, keep, kept, newId, type Visit } from './visit.ts'
import { plural } from './words.ts'

const entry = byId('entry', HTMLFormElement)
const name = byId('name', HTMLInputElement)
const room = byId('room', HTMLInputElement)
const advice = byId('entry-note', HTMLElement)
const inside = byId('chat', HTMLElement)
const people = byId('people-box', HTMLDetailsElement)
const another = byId('another', HTMLFormElement)
const anotherRoom = byId('another-room', HTMLInputElement)
const anotherNote = byId('another-note', HTMLElement)

let chat: Chat | undefined
let visit: Visit | undefined
/** Leave was pressed while something waits. */
let warned = false

const screen = new Screen({
  say: text => chat?.say(text) ?? false,
  pictures: files => chat?.pictures(files),
  typing: () => chat?.typing(),
  enter: to => chat?.enter(to),
})

const owner = {
  entered(to: string): void {
    if (visit !== undefined) keep((visit = { ...visit, room: to }))
    history.replaceState(undefined, '', `#${encodeURIComponent(to)}`)
    byId('room-name', HTMLElement).textContent = to
    document.title = `${to} · Chat · hotline`
    if (inside.hidden) {
      document.body.classList.add('inside')
      entry.hidden = true
      inside.hidden = false
      screen.composer.focus()
    }
  },
  status(state: LineState): void {
    // What we close ourselves is told where that is done.
    if (state.status === 'closed' && state.end.by === 'peer')
      owner.refused(state.end.reason || `The server has closed the line (${state.end.code}).`)
    else if (state.status === 'waiting' && inside.hidden)
      say('The server does not answer. The page keeps trying.', true)
  },
  refused(why: string): void {
    chat?.end()
    chat = undefined
    outside()
    say(why, true)
  },
}

function outside(): void {
  document.body.classList.remove('inside')
  inside.hidden = true
  entry.hidden = false
  document.title = 'Chat · hotline'
}

function say(text: string, wrong = false): void {
  advice.textContent = text
  advice.classList.toggle('wrong', wrong)
}

/** Says what is wrong with what was typed, beside it; undefined when something is. */
function checked<S extends typeof Name | typeof Room>(
  schema: S,
  input: HTMLInputElement,
  text: string,
): string | undefined {
  const { success, issues } = v.safeParse(schema, text)
  input.ariaInvalid = success ? null : 'true'
  if (success) return text
  const note = input === anotherRoom ? anotherNote : advice
  note.textContent = issues[0].message
  note.classList.add('wrong')
  input.focus()
  return undefined
}

function begin(as: Visit): void {
  chat?.end()
  visit = as
  warned = false
  say('Connecting…')
  chat = new Chat(as, screen, owner)
}

entry.addEventListener('submit', event => {
  event.preventDefault()
  const named = checked(Name, name, tidy(name.value))
  const to = named && checked(Room, room, roomOf(room.value))
  if (named && to) begin({ secret: visit?.name === named ? visit.secret : newId(), name: named, room: to })
})

another.addEventListener('submit', event => {
  event.preventDefault()
  const to = checked(Room, anotherRoom, roomOf(anotherRoom.value))
  if (to === undefined) return
  anotherRoom.value = ''
  anotherNote.textContent = ''
  chat?.enter(to)
  screen.composer.focus()
})

byId('leave', HTMLButtonElement).addEventListener('click', () => {
  const waiting = chat?.waiting ?? 0
  if (waiting > 0 && !warned) {
    warned = true
    screen.composer.note(
      `${plural(waiting, 'message waits', 'messages wait')}: press Leave again to give up on that.`,
      true,
    )
    return
  }
  chat?.end()
  chat = undefined
  forget()
  outside()
  say('')
  name.focus()
})

// What waits is on this page only.
window.addEventListener('beforeunload', event => {
  if (chat !== undefined && chat.waiting > 0) event.preventDefault()
})

// There is little room on a phone.
people.open = matchMedia('(min-width: 60rem)').matches

const before = kept()
const linked = v.safeParse(Room, roomOf(decoded(location.hash.slice(1))))
if (linked.success) room.value = linked.output
if (before !== undefined) {
  name.value = before.name
  const to = linked.success ? linked.output : before.room
  room.value = to
  begin({ ...before, room: to })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
