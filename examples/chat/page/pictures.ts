/** Pictures on their way: to the server in pieces that are each acknowledged, and from it in the same way. */
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
  signal: AbortSignal,
): Promise<number> {
  const { room, id, picture, bytes } = upload
  let { has, at } = await line.request('chat/picture/begin', { room, id, ...picture }, { signal })
  while (at === undefined) {
    upload.has = has
    progressed()
    const piece = bytes.subarray(has, has + LIMITS.piece)
    ;({ has, at } = await line.request('chat/picture/piece', piece, { signal }))
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
  const { room, said, pieces } = download
  const { id, who, picture } = said
  while (download.has < picture.size) {
    const piece = await line.request('chat/picture/read', { room, who, id, from: download.has }, { signal })
    if (piece.length === 0) break
    pieces.push(piece)
    download.has += piece.length
    progressed()
  }
  const type = pieces[0] && typeOfPicture(pieces[0])
  return new Blob(pieces, { type: type ?? 'application/octet-stream' })
}
