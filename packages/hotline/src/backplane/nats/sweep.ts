/** Deletes streams that nothing is in and nobody uses: topics come and go, and NATS keeps each stream until it is told not to. */
import type { StreamInfo } from '@nats-io/jetstream'
import type { Session } from './link.ts'
import { ENDING, lifeOf } from './names.ts'
import type { Settings } from './options.ts'
import { alone } from './streams.ts'

/** Milliseconds between two sweeps of a node, at least; twice as many at most, so that nodes sweep at different times. */
export const SWEEP = 300_000

/**
 * Looks at all streams of this prefix.
 *
 * @param now - milliseconds since 1970
 * @returns how many it has deleted
 */
export async function sweep(session: Session, { prefix, idle }: Settings, now: number): Promise<number> {
  let deleted = 0
  for await (const info of session.jsm.streams.list(`${prefix}.>`)) {
    if (session.over) break
    const isOurs = info.config.name.startsWith(`${prefix}_`)
    if (!isOurs || !isUnused(info) || now - lastUse(info) <= idle) continue
    if (await alone(session, info.config.name, () => end(session, prefix, info))) deleted++
  }
  return deleted
}

const isUnused = ({ state }: StreamInfo): boolean => state.messages === 0 && state.consumer_count === 0

/** When something was published to it; when it was made, where nothing was. */
const lastUse = ({ state, created }: StreamInfo): number => Math.max(Date.parse(state.last_ts), Date.parse(created))

/**
 * First nothing can be published to it any more: who tries finds it gone, and looks for it again. Only then it is looked at
 * once more and deleted, so that nothing that was acknowledged is deleted with it.
 */
async function end({ jsm }: Session, prefix: string, { config }: StreamInfo): Promise<boolean> {
  const [subject = ''] = config.subjects
  const life = lifeOf(prefix, subject)
  const ending = `${prefix}.${ENDING}.${life}${subject.slice(prefix.length + 1 + life.length)}`
  await jsm.streams.update(config.name, { subjects: [ending] })
  const isFree = isUnused(await jsm.streams.info(config.name))
  if (isFree) await jsm.streams.delete(config.name)
  else await jsm.streams.update(config.name, { subjects: [subject] })
  return isFree
}
