import { transportPair } from '../../src/runtime/memory/transport.ts'
import { transportContract } from './transport.ts'
import { wired, wires } from './wires.ts'

transportContract('memory', async () => {
  const [near, far] = transportPair()
  return { near, far, reset: () => far.cut(new Error('reset')), dispose: () => near.destroy() }
})

for (const wire of wires) transportContract(wire.name, () => wired(wire))
