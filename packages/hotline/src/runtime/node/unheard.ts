/** What a server needs of node:http when no network is there: a server that never listens, and requests that never came. */
import { createServer, IncomingMessage, type Server } from 'node:http'
import { Socket } from 'node:net'
import { type Field, Fields } from '../../protocol/handshake/fields.ts'

/** It has no port, and nothing connects to it. */
export const unheardServer = (): Server => createServer()

/** A GET as node:http would give it. */
export function unheardRequest(target: string, fields: readonly Field[]): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  const head = { method: 'GET', url: target, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 }
  return Object.assign(request, head, { rawHeaders: fields.flat(), headers: new Fields(fields).toObject() })
}
