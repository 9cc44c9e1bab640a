/** The messages of hotline.1 read once more, after the words of docs/protocol.md, as plainly as they stand there. */

type Fields = Readonly<Record<string, unknown>>

const whole = (least: number) => (value: unknown) =>
  typeof value === 'number' && value >= least && value <= 9007199254740991 && Math.floor(value) === value
const string = (value: unknown) => typeof value === 'string'
const boolean = (value: unknown) => value === true || value === false
const object = (value: unknown) => Object.prototype.toString.call(value) === '[object Object]'
const anything = () => true
const strings = (value: unknown) => Array.isArray(value) && value.filter(string).length === value.length
const place = (value: unknown) =>
  object(value) && string((value as Fields)['epoch']) && whole(0)((value as Fields)['offset'])
const state = (value: unknown) =>
  object(value) &&
  whole(0)((value as Fields)['count']) &&
  (!('members' in (value as Fields)) || object((value as Fields)['members']))

/** For each type its fields; a name with ? may be missing. */
type Table = Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>>

const both: Table = {
  request: { id: whole(1), name: string, 'data?': anything, 'timeout?': whole(0) },
  cancel: { id: whole(1) },
  reply: { id: whole(1), 'data?': anything },
  error: { 'id?': whole(1), code: string, reason: string },
}

export const TABLES: Readonly<Record<'client' | 'server', Table>> = {
  client: {
    ...both,
    subscribe: { id: whole(1), topic: string, 'since?': place, 'last?': whole(0), 'presence?': boolean },
    unsubscribe: { id: whole(1), topic: string },
    publish: { 'id?': whole(1), topic: string, data: anything, 'self?': boolean },
    ping: {},
  },
  server: {
    ...both,
    welcome: { version: whole(1), heartbeat: whole(0) },
    subscribed: {
      'id?': whole(1),
      topic: string,
      'epoch?': string,
      'offset?': whole(0),
      'recovered?': boolean,
      'code?': string,
      'reason?': string,
      'presence?': state,
    },
    unsubscribed: { 'id?': whole(1), topic: string, 'code?': string, 'reason?': string },
    published: { id: whole(1), 'offset?': whole(0) },
    publication: { topic: string, 'offset?': whole(0), data: anything },
    passed: { topic: string, count: whole(0) },
    presence: { topic: string, count: whole(0), 'members?': object, 'join?': object, 'leave?': strings },
    pong: {},
    retry: { after: whole(0) },
  },
}

/** Levels of objects and lists; JSON has no cycles. */
function depthOf(value: unknown): number {
  let depth = 0
  let level = [value]
  for (;;) {
    level = level.filter(one => typeof one === 'object' && one !== null && !(one instanceof Uint8Array))
    if (level.length === 0) return depth
    level = level.flatMap(one => Object.values(one as object))
    depth++
  }
}

/** What is to come of a value: `message`, or the code of the fault. */
export function plainWire(from: 'client' | 'server', value: unknown): 'message' | 'malformed' | 'unknown-type' {
  if (!object(value)) return 'malformed'
  const names = Object.keys(value as Fields)
  const { type } = names.includes('type') ? (value as { type: unknown }) : { type: undefined }
  if (typeof type !== 'string') return 'malformed'
  const entry = Object.entries(TABLES[from]).find(([name]) => name === type)
  if (entry === undefined) return 'unknown-type'
  for (const [name, passes] of Object.entries(entry[1])) {
    const field = name.replace('?', '')
    if (names.includes(field) ? !passes((value as Fields)[field]) : field === name) return 'malformed'
  }
  return from === 'client' && depthOf(value) > 512 ? 'malformed' : 'message'
}
