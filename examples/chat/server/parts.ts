/** Pictures for those on other servers: in parts, each a publication to a topic of its own, which the engine keeps for a while. */
import { RequestError, type Server, typedServer } from 'hotline/server'
import { chat, partOf } from '../contract.ts'
import { LIMITS } from '../messages.ts'
import type { Upload } from './pictures.ts'

const NOTHING = new Uint8Array()

/**
 * Fulfilled when all of it is stored. One part at a time, so that what is said goes between them.
 *
 * @throws BackplaneError when the engine does not take it
 */
export async function give(server: Server, upload: Upload): Promise<void> {
  for (const [part, topic] of topicsOf(upload)) {
    // It had to go for others meanwhile.
    if (!upload.isKept) throw new RequestError('gone', 'there is no room for this picture now')
    upload.isGiven = true
    const from = part * LIMITS.part
    const bytes = upload.bytes.subarray(from, from + LIMITS.part)
    await typedServer(chat, server).publish(topic, bytes).stored
  }
}

/** The topics keep their newest publication: nothing takes the place of each part. */
export function takeBack(server: Server, upload: Upload): void {
  if (!upload.isGiven) return
  for (const [, topic] of topicsOf(upload)) {
    typedServer(chat, server)
      .publish(topic, NOTHING)
      .stored?.catch(() => {})
  }
}

function topicsOf({ key, announced: { room, size } }: Upload) {
  const parts = Array.from({ length: Math.ceil(size / LIMITS.part) }, (_, part) => part)
  return parts.map(part => [part, partOf(room, key, part)] as const)
}
