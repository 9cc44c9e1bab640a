/** The packages that speak to NATS: loaded when a backplane is opened, so that only those who use it need them. */
import { BackplaneError } from '../../errors.ts'

type Transport = typeof import('@nats-io/transport-node')
type JetStream = typeof import('@nats-io/jetstream')
type KeyValue = typeof import('@nats-io/kv')

export interface Modules {
  readonly transport: Transport
  readonly jetstream: JetStream
  readonly keyValue: KeyValue
}

const INSTALL =
  'a NATS backplane needs packages that are not installed: npm install @nats-io/transport-node @nats-io/jetstream @nats-io/kv'

/** @throws BackplaneError with what to install when one is missing */
export async function load(): Promise<Modules> {
  try {
    const [transport, jetstream, keyValue] = await Promise.all([
      import('@nats-io/transport-node'),
      import('@nats-io/jetstream'),
      import('@nats-io/kv'),
    ])
    return { transport, jetstream, keyValue }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'ERR_MODULE_NOT_FOUND' ? INSTALL : `the packages for NATS cannot be loaded: ${message}`
    throw new BackplaneError(why, 'no', { cause })
  }
}
