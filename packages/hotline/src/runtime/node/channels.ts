/** The channels by which a server tells whoever in this process wants to know. node:diagnostics_channel */
import { type Channel, channel } from 'node:diagnostics_channel'

/** One of them: publish only when somebody listens, so that nothing is made for nobody. */
export type ServerChannel = Pick<Channel, 'hasSubscribers' | 'publish'>

export const channels = {
  handshake: channel('hotline:server:handshake'),
  open: channel('hotline:server:open'),
  close: channel('hotline:server:close'),
  error: channel('hotline:server:error'),
  limit: channel('hotline:server:limit'),
  drop: channel('hotline:server:drop'),
  backplane: channel('hotline:server:backplane'),
  drain: channel('hotline:server:drain'),
} satisfies Readonly<Record<string, ServerChannel>>
