/** What one message looks like: what was said, or what waits to be said. */
import { make } from '../../look/dom.ts'
import type { Picture, Said } from '../messages.ts'
import { button, hueOf, nameTag } from './dom.ts'
import type { ErrandState } from './errands.ts'
import { isUpload, type Own } from './room.ts'
import { nodesOf } from './text.ts'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

/** The widest that a picture is shown, in pixels of CSS. */
const WIDEST = 420
const HIGHEST = 320

/** @param more - true when the one before is of the same person and not long ago: the name need not be seen again */
export function messageOf(said: Said, mine: boolean, more: boolean): HTMLElement {
  const message = frame(said.who, said.name, mine, more)
  const time = make('time', '', clock.format(said.at))
  time.dateTime = new Date(said.at).toISOString()
  time.title = calendar.format(said.at)
  message.querySelector('.head')?.append(' ', time)
  if (said.text !== '') message.append(textOf(said.text))
  if (said.picture !== undefined) message.append(pictureOf(said.picture, said.name))
  return message
}

function frame(who: string, name: string, mine: boolean, more: boolean): HTMLElement {
  const letter = [...name].find(sign => /[\p{L}\p{N}]/u.test(sign)) ?? '•'
  const avatar = make('span', `avatar ${hueOf(who, mine)}`, letter.toUpperCase())
  avatar.ariaHidden = 'true'
  const head = make('p', `head ${hueOf(who, mine)}`, nameTag(name))
  if (mine) head.append(make('span', 'you', ' (you)'))
  return make('div', `message${mine ? ' mine' : ''}${more ? ' more' : ''}`, avatar, head)
}

function textOf(text: string): HTMLElement {
  const paragraph = make('p', 'text', ...nodesOf(text))
  paragraph.dir = 'auto'
  return paragraph
}

/** Room for a picture, as big as it will be, so that nothing moves when it comes. */
function pictureOf({ title, width, height }: Picture, name: string): HTMLElement {
  const scale = Math.min(1, WIDEST / width, HIGHEST / height)
  const figure = make('figure', 'picture')
  figure.style.width = `${Math.max(48, Math.round(width * scale))}px`
  figure.style.aspectRatio = `${width} / ${height}`
  figure.dataset['alt'] = `Picture from ${name}: ${title}`
  figure.append(progressOf(`Fetching ${title}`))
  return figure
}

function progressOf(label: string): HTMLProgressElement {
  const progress = make('progress', '')
  progress.max = 1
  progress.value = 0
  progress.ariaLabel = label
  return progress
}

/** The picture is here. */
export function showPicture(message: HTMLElement, url: string): void {
  const figure = message.querySelector<HTMLElement>('figure')
  if (figure === null) return
  const image = make('img', '')
  image.alt = figure.dataset['alt'] ?? ''
  image.src = url
  image.addEventListener('error', () => figure.replaceChildren(make('figcaption', '', 'This is no picture.')))
  const link = make('a', '', image)
  link.href = url
  link.target = '_blank'
  link.title = 'Open it by itself'
  figure.replaceChildren(link)
}

/** What may be done about a message that waits. */
export interface Choices {
  again(): void
  drop(): void
}

/** A message of ours that is not in the room yet. */
export function ownMessage(own: Own, me: { readonly key: string; readonly name: string }): HTMLElement {
  const message = frame(me.key, me.name, true, false)
  message.classList.add('own')
  if (isUpload(own)) {
    message.append(pictureOf(own.picture, me.name))
    showPicture(message, own.url)
    message.append(progressOf(`Sending ${own.picture.title}`))
  } else message.append(textOf(own.text))
  message.append(make('p', 'fate'))
  return message
}

const FATES: Readonly<Record<ErrandState, string>> = {
  waiting: 'Waits for the line',
  going: 'Being sent…',
  done: 'Sent',
  refused: 'Not sent',
}

export function showFate(message: HTMLElement, state: ErrandState, why: string | undefined, choices: Choices): void {
  const fate = message.querySelector('.fate')
  message.dataset['state'] = state
  const word = why === undefined ? FATES[state] : `${state === 'waiting' ? 'Not sent yet' : FATES[state]}: ${why}`
  fate?.replaceChildren(make('span', '', word))
  if (state === 'refused') fate?.append(button('Try again', choices.again))
  if (state !== 'done') fate?.append(button(state === 'refused' ? 'Remove' : 'Cancel', choices.drop))
}

export function showProgress(message: HTMLElement, part: number): void {
  const progress = message.querySelector('progress')
  if (progress === null) return
  progress.value = part
  progress.title = `${Math.round(part * 100)} %`
}
