/** NATS, by the contract of all backplanes. */
import { inject } from 'vitest'
import { Middle } from '../../../../test/support/middle.ts'
import { NatsServer } from '../../../../test/support/nats.ts'
import { natsBackplane } from '../../src/backplane/nats/index.ts'
import { describeBackplane } from './contract.ts'
import type { Engine } from './support.ts'

const program = inject('nats')

/** A body of 1 MiB is more than NATS takes unless it is told to. */
const CONFIG = 'max_payload: 4MB\n'

/** Milliseconds; short, for the outages. */
const STALL = 1000

async function start(storage: 'file' | 'memory'): Promise<Engine> {
  const server = await NatsServer.start(program as string, { config: CONFIG })
  const middle = await Middle.start(() => server.port)
  return {
    make: () => natsBackplane({ servers: middle.url, storage, stallTimeout: STALL }),
    nowhere: () => natsBackplane('nats://127.0.0.1:1'),
    restart: { stop: () => server.stop('SIGKILL'), start: () => server.start(), durable: storage === 'file' },
    pause: { stop: () => server.pause(), start: async () => server.resume() },
    cut: { stop: async () => middle.swallow(), start: async () => middle.heal() },
    async end() {
      await middle[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

if (program !== undefined) {
  describeBackplane('nats on files', () => start('file'), ['restart', 'pause', 'cut'])
  describeBackplane('nats in memory', () => start('memory'), ['restart'])
}
