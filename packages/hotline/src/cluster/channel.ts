/** A channel of the backplane over that of two processes, which the application may use as well. */
import { type Channel, isEnvelope } from '../backplane/link/channel.ts'
import type { Port } from '../runtime/node/ipc.ts'

export const channelOf = (port: Port): Channel => ({
  send: (envelope, sent) => port.send(envelope, sent),
  listen: (hear, closed) => port.listen(message => isEnvelope(message) && hear(message), closed),
})
