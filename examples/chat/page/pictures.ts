/** Pictures on their way: to the server in pieces that are each acknowledged, and from it in the same way. */
import { RequestError, WebSocketError } from 'hotline/client'
import { partOf, pictureOf } from '../contract.ts'
import { LIMITS, type Picture, type Said, tidy, typeOfPicture } from '../messages.ts'
import type { ChatLine } from './line.ts'
import { newId } from './visit.ts'
import { sizeWord } from './words.ts'

/** A picture of ours that is not in the room yet. */
export interface Upload {
  readonly room: string
  readonly id: string
  readonly picture: Picture
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What shows it here. */
  readonly url: string
  /** Bytes that the server is known to have. */
  has: number
}

/** A picture that others have sent. */
export interface Download {
  readonly room: string
  readonly said: Said & { readonly picture: Picture }
  readonly pieces: Uint8Array<ArrayBuffer>[]
  has: number
}

/**
 * Looks at a file before anything is sent.
 *
 * @throws Error with a word for people when it is too big, or no picture
 */
export async function uploadOf(file: File, room: string): Promise<Upload> {
  const name = tidy(file.name).slice(0, LIMITS.title) || 'picture'
  if (file.size > LIMITS.picture) {
    throw new Error(`${name} has ${sizeWord(file.size)}. A picture may have ${sizeWord(LIMITS.picture)}.`)
  }
  const bytes = new Uint8Array(await file.arrayBuffer())
  const type = typeOfPicture(bytes)
  const blob = new Blob([bytes], { type: type ?? '' })
  const bitmap = type && (await createImageBitmap(blob).catch(() => undefined))
  if (!bitmap) throw new Error(`${name} is no picture that browsers show: choose a PNG, JPEG, GIF or WebP.`)
  const { width, height } = bitmap
  bitmap.close()
  const picture = { title: name, size: bytes.length, width, height }
  return { room, id: newId(), picture, bytes, url: URL.createObjectURL(blob), has: 0 }
}

/**
 * Sends what the server has not got yet.
 *
 * @returns when it was shown to the room
 */
export async function send(
  line: ChatLine,
  upload: Upload,
  progressed: () => void,
  options: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<number> {
  const { room, id, picture, bytes } = upload
  let { has, at } = await line.request('chat/picture/begin', { room, id, ...picture }, options)
  while (at === undefined) {
    upload.has = has
    progressed()
    const piece = bytes.subarray(has, has + LIMITS.piece)
    ;({ has, at } = await line.request('chat/picture/piece', piece, options))
  }
  return at
}

/** Fetches what has not come yet. What is no picture after all is shown as none. */
export async function fetchPicture(
  line: ChatLine,
  download: Download,
  progressed: () => void,
  signal: AbortSignal,
): Promise<Blob> {
  const { said, pieces } = download
  while (download.has < said.picture.size) {
    const piece = await nextPiece(line, download, signal)
    if (piece.length === 0) break
    pieces.push(piece)
    download.has += piece.length
    progressed()
  }
  const type = pieces[0] && typeOfPicture(pieces[0])
  return new Blob(pieces, { type: type ?? 'application/octet-stream' })
}

/** From the server, or when it came to another one, by way of the topics that servers give it to each other by. */
async function nextPiece(line: ChatLine, download: Download, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const { room, said, has } = download
  try {
    return await line.request('chat/picture/read', { room, who: said.who, id: said.id, from: has }, { signal })
  } catch (error) {
    if (!(error instanceof RequestError) || error.answer.code !== 'elsewhere') throw error
  }
  const number = Math.floor(has / LIMITS.part)
  const part = await newest(line, partOf(room, pictureOf(said.who, said.id), number), signal)
  const begin = number * LIMITS.part
  if (part.length !== Math.min(LIMITS.part, said.picture.size - begin)) throw gone()
  return part.subarray(has - begin)
}

/** The newest publication of a topic. */
async function newest(
  line: ChatLine,
  name: ReturnType<typeof partOf>,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const topic = line.topic(name, { last: 1 })
  const over = new AbortController()
  const asked = { signal: over.signal }
  let unlisten = (): void => {}
  try {
    return await new Promise((resolve, reject) => {
      const lost = (): void => reject(new WebSocketError('ERR_CONNECTION', 'the line was lost'))
      topic.on('publication', ({ data }) => resolve(data))
      // What is kept comes before the answer to what is asked now.
      topic.on('subscribed', () => line.request('chat/hello', undefined, asked).then(() => reject(gone()), reject))
      topic.on('ended', error => (error === undefined ? lost() : reject(error)))
      // It is asked for again when the room is there again.
      unlisten = line.line.on('status', lost)
      signal.addEventListener('abort', lost, asked)
    })
  } finally {
    unlisten()
    over.abort()
    topic.leave()
  }
}

const gone = (): RequestError => new RequestError('gone', 'the picture is not kept any more')
