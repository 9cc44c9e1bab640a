/** What the two ends of the chat say to each other: its topics and its requests, with the shapes of all that goes. */
import { contract } from 'hotline/contract'
import * as v from 'valibot'
import { BeginPicture, Hello, Known, Person, Progress, ReadPicture, Said, Say, Spoken } from './messages.ts'

const Bytes = v.instance(Uint8Array)

// excerpt
export const chat = contract({
  topics: {
    'chat/rooms': Known,
    'chat/room/*': { data: Said, presence: Person },
    // Who types says its own key, and nothing else.
    'chat/typing/*': v.string(),
    // ROOM/WHO/ID/PART: a picture for those who are in the room on other servers.
    'chat/picture/**': Bytes,
  },
  requests: {
    client: {
      'chat/hello': { reply: Hello },
      'chat/say': { data: Say, reply: Spoken },
      'chat/picture/begin': { data: BeginPicture, reply: Progress },
      'chat/picture/piece': { data: Bytes, reply: Progress },
      'chat/picture/read': { data: ReadPicture, reply: Bytes },
    },
  },
})
// end of excerpt

export const topicOf = (room: string) => `chat/room/${room}` as const
export const typingIn = (room: string) => `chat/typing/${room}` as const
/** What a picture is known by. */
export const pictureOf = (who: string, id: string) => `${who}/${id}` as const
export const partOf = (room: string, picture: string, part: number) =>
  `chat/picture/${room}/${picture}/${part}` as const
