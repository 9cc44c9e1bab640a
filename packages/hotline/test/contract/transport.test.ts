import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net'
import * as tls from 'node:tls'
import { transportPair } from '../../src/runtime/memory/transport.ts'
import { NodeTransport } from '../../src/runtime/node/transport.ts'
import { certificate } from '../support/certificate.ts'
import { type Ends, transportContract } from './transport.ts'

transportContract('memory', async () => {
  const [near, far] = transportPair()
  return { near, far, reset: () => far.cut(new Error('reset')), dispose: () => near.destroy() }
})

/** The two ends of a connection to a server that exists for this one only. */
async function accept(
  server: Server,
  event: string,
  dial: (port: number) => Promise<Socket>,
): Promise<[Socket, Socket]> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, event)
  const far = await dial((server.address() as AddressInfo).port)
  const [near] = (await accepted) as [Socket]
  server.close()
  return [near, far]
}

const endsOf = (near: Socket, far: Socket, encrypted: boolean, wire: Socket, lane: boolean): Ends => ({
  near: new NodeTransport(near, encrypted, lane),
  far: new NodeTransport(far, encrypted, lane),
  reset: () => wire.resetAndDestroy(),
  dispose: () => {
    near.destroy()
    far.destroy()
    wire.destroy()
  },
})

const tcp = async (lane: boolean): Promise<Ends> => {
  const [near, far] = await accept(
    createServer({ allowHalfOpen: true, pauseOnConnect: true }),
    'connection',
    async port => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      await once(socket, 'connect')
      return socket
    },
  )
  return endsOf(near, far, false, far, lane)
}

const secured = async (lane: boolean): Promise<Ends> => {
  const { cert, key } = await certificate()
  const wire = new Socket({ allowHalfOpen: true })
  const options: tls.TlsOptions & { allowHalfOpen: boolean } = { cert, key, allowHalfOpen: true }
  const server = tls.createServer(options)
  const [near, far] = await accept(server, 'secureConnection', async port => {
    wire.connect({ port, host: '127.0.0.1' })
    const socket = tls.connect({ socket: wire, ca: cert, servername: 'localhost' })
    await once(socket, 'secureConnect')
    return socket
  })
  return endsOf(near, far, true, wire, lane)
}

// Node by its documentation only, and by the undocumented lane that is used where it is found.
for (const lane of [false, true]) {
  const by = lane ? 'by the lane' : 'by documented API'
  transportContract(`TCP, ${by}`, () => tcp(lane))
  transportContract(`TLS, ${by}`, () => secured(lane))
}
