/** What is said in the chat: the shapes that both ends check, with their bounds. */
import * as v from 'valibot'

/** Sizes are characters of JavaScript, and bytes. */
export const LIMITS = {
  name: 40,
  room: 40,
  text: 2_000,
  title: 100,
  picture: 4_194_304,
  /** A picture goes in pieces: each is acknowledged, and what is said meanwhile goes between them. */
  piece: 32_768,
  /** Between servers it goes in parts: each is one publication, which the engine between them has to take. */
  part: 524_288,
  /** Rooms that are listed. */
  rooms: 20,
} as const

/** One space between words and none around them, in one form of Unicode. */
export const tidy = (text: string): string => text.normalize('NFC').replace(/\s+/gu, ' ').trim()

/** As it is the same for everybody: the Lobby is the lobby. */
export const roomOf = (text: string): string => tidy(text).toLowerCase()

/** Control characters, halves of a character, and what turns the direction of the text around it. */
const UNSEEN = /[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u
/** The same, but line breaks and tabs may be in a text. */
const UNSEEN_IN_TEXT = /(?![\n\t])[\p{Cc}\p{Cs}]/u

/** What somebody pasted, without what cannot be seen. */
export const clean = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(new RegExp(UNSEEN_IN_TEXT, 'gu'), '').trim()

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const Name = v.pipe(
  v.string(),
  v.maxLength(LIMITS.name, `A name has at most ${LIMITS.name} characters.`),
  v.check(name => /[\p{L}\p{N}\p{P}\p{S}]/u.test(name), 'A name needs a letter, or another sign that can be seen.'),
  v.check(name => !UNSEEN.test(name) && name === tidy(name), 'A name has no characters that cannot be seen.'),
)

export const Room = v.pipe(
  v.string(),
  v.maxLength(LIMITS.room, `The name of a room has at most ${LIMITS.room} characters.`),
  v.check(
    room => room === roomOf(room) && /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._'-]*$/u.test(room),
    "The name of a room is made of letters and digits, with spaces and any of . _ ' - between them.",
  ),
)

/** Made by who says something, so that the same is not said twice when it has to be sent again. */
const Id = v.pipe(v.string(), v.regex(/^[\w-]{8,40}$/))

const Text = v.pipe(
  v.string(),
  v.maxLength(LIMITS.text, `A message has at most ${LIMITS.text} characters.`),
  v.check(text => text !== '' && text === clean(text), 'A message has something that can be read.'),
)

/** Who comes: the secret makes the same person of those who come back, and nobody else. */
export const Visitor = v.object({ secret: v.pipe(v.string(), v.regex(/^[\w-]{16,64}$/)), name: Name })

/** A picture as it is announced: its bytes come in pieces. */
const Picture = v.object({
  title: v.pipe(v.string(), v.maxLength(LIMITS.title)),
  size: v.pipe(count, v.minValue(1), v.maxValue(LIMITS.picture, `A picture has at most ${LIMITS.picture} bytes.`)),
  width: v.pipe(count, v.minValue(1), v.maxValue(20_000)),
  height: v.pipe(count, v.minValue(1), v.maxValue(20_000)),
})
export type Picture = v.InferOutput<typeof Picture>

/** What was said in a room. */
export const Said = v.object({
  id: v.string(),
  who: v.string(),
  name: v.string(),
  /** Milliseconds since 1970, by the clock of the server. */
  at: v.number(),
  text: v.string(),
  picture: v.optional(Picture),
})
export type Said = v.InferOutput<typeof Said>

/** Rooms, and how many are in them. */
const Rooms = v.array(v.object({ room: v.string(), count }))
export type Rooms = v.InferOutput<typeof Rooms>

/** The busiest rooms of those that one server knows, with the people of all servers. */
export const Known = v.object({ server: v.string(), rooms: Rooms })
export type Known = v.InferOutput<typeof Known>

/** Those with the most people, first. */
export const busiest = (rooms: Rooms): Rooms =>
  rooms.toSorted((a, b) => b.count - a.count || a.room.localeCompare(b.room)).slice(0, LIMITS.rooms)

/** What a member of a room shows. */
export const Person = v.object({ name: v.string() })

/** Who the server takes us for. */
export const Hello = v.object({ key: v.string(), name: v.string() })

export const Say = v.object({ room: Room, id: Id, text: Text })
/** When it was said, however often it was sent. */
export const Spoken = v.object({ at: v.number() })

export const BeginPicture = v.object({ room: Room, id: Id, ...Picture.entries })
/** How many bytes the server has, and when it was shown to the room, once it was. */
export const Progress = v.object({ has: count, at: v.optional(v.number()) })
export type Progress = v.InferOutput<typeof Progress>

export const ReadPicture = v.object({ room: Room, who: v.string(), id: Id, from: count })

/** Pictures that every browser shows, by how they begin. SVG is none: it can have scripts. */
export function typeOfPicture(bytes: Uint8Array): string | undefined {
  const begin = String.fromCharCode(...bytes.subarray(0, 12))
  if (begin.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (begin.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (/^GIF8[79]a/.test(begin)) return 'image/gif'
  if (/^RIFF.{4}WEBP/s.test(begin)) return 'image/webp'
  return undefined
}
