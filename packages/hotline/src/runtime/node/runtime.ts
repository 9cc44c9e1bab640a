/** The runtime of this process. */
import { Runtime } from '../../connection/runtime.ts'
import { nodeClock } from './clock.ts'
import { nodeCodec } from './codec.ts'
import { nodeCrypto, randomKey } from './crypto.ts'

export const nodeRuntime: Runtime = new Runtime({ clock: nodeClock, codec: nodeCodec, crypto: nodeCrypto, randomKey })
