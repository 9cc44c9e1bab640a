/** Who is in a topic, as hotline.1 says it. */
import type { PresenceState } from '../../topics/subscriber.ts'
import type { Members } from '../../topics/wire/messages.ts'

/** Whose data is nothing has null: JSON leaves out what is undefined, and the member with it. */
export const toObject = (members: ReadonlyMap<string, unknown>): Members =>
  Object.fromEntries([...members].map(([key, data]) => [key, data ?? null]))

export const presenceOf = ({ count, members }: PresenceState): { count: number; members?: Members } =>
  members === undefined ? { count } : { count, members: toObject(members) }
