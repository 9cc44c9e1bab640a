/** Pairs of Node's sockets that are each other's peer, over TCP and over TLS, and transports on them for either lane. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import * as tls from 'node:tls'
import { probe } from '../../src/runtime/node/probe.ts'
import { NodeTransport } from '../../src/runtime/node/transport.ts'
import { certificate } from '../support/certificate.ts'
import type { Ends } from './transport.ts'

/** The kinds of wires, each by Node's documentation only and by the undocumented lane. */
export const wires = (['tcp', 'tls'] as const).flatMap(kind =>
  [false, true].map(lane => ({
    name: `${kind.toUpperCase()}, ${lane ? 'by the lane' : 'by documented API'}`,
    kind,
    lane,
  })),
)
export type Wire = (typeof wires)[number]

/** Transports, and what is below them. */
export interface WiredEnds extends Ends {
  readonly near: NodeTransport
  readonly far: NodeTransport
  readonly nearSocket: Socket
  readonly farSocket: Socket
  /** Takes nothing more, but has what is connected. */
  readonly server: Server
}

/** The two ends of a connection to a server that exists for this one only. */
export async function wired({ kind, lane }: Wire): Promise<WiredEnds> {
  // A lane that was not tried has not learned how this Node writes.
  if (lane) await probe(kind)
  const wire = new Socket({ allowHalfOpen: true })
  const { cert, key } = await certificate()
  const server =
    kind === 'tcp'
      ? createServer({ allowHalfOpen: true, pauseOnConnect: true })
      : tls.createServer({ cert, key, allowHalfOpen: true } as tls.TlsOptions)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, kind === 'tcp' ? 'connection' : 'secureConnection')
  wire.connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  const far = kind === 'tcp' ? wire : tls.connect({ socket: wire, ca: cert, servername: 'localhost' })
  await once(far, kind === 'tcp' ? 'connect' : 'secureConnect')
  const [near] = (await accepted) as [Socket]
  return {
    near: new NodeTransport(near, lane),
    far: new NodeTransport(far, lane),
    nearSocket: near,
    farSocket: far,
    server,
    reset: () => wire.resetAndDestroy(),
    dispose: () => {
      for (const socket of [near, far, wire]) socket.destroy()
      server.close()
    },
  }
}
