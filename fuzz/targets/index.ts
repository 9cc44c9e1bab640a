/** Every target, in the order in which they are told of. */
import type { Target } from '../engine/target.ts'
import { close } from './close.ts'
import { connection } from './connection.ts'
import { deflate } from './deflate.ts'
import { encode } from './encode.ts'
import { endpoint } from './endpoint.ts'
import { frames } from './frames.ts'
import { extensions, protocols } from './grammar.ts'
import { answer, request } from './handshake.ts'
import { rawRequest } from './http.ts'
import { options } from './options.ts'
import { presence } from './presence.ts'
import { topics } from './topics.ts'
import { url } from './url.ts'
import { text } from './utf8.ts'
import { wire } from './wire.ts'
import { wsFrames } from './ws.ts'
import { wsDeflate } from './ws-deflate.ts'

export const targets: readonly Target[] = [
  frames,
  wsFrames,
  wsDeflate,
  encode,
  text,
  close,
  deflate,
  endpoint,
  connection,
  request,
  rawRequest,
  answer,
  extensions,
  protocols,
  url,
  options,
  wire,
  topics,
  presence,
]
