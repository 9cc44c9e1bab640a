/** Every attack, in the order of its family, and what cannot be attacked yet. */
import { abrupt } from './abrupt.mjs'
import { client } from './client.mjs'
import { control } from './control.mjs'
import { compression } from './deflate.mjs'
import { flips } from './flips.mjs'
import { frames } from './frames.mjs'
import { handshake } from './handshake.mjs'
import { http } from './http.mjs'
import { slow } from './slow.mjs'
import { tls } from './tls.mjs'

/** @type {readonly import('../types.ts').Plan[]} */
export const plans = [
  ...handshake,
  ...http,
  ...frames,
  ...control,
  ...compression,
  ...slow,
  ...abrupt,
  ...tls,
  flips,
  ...client,
]

/** @type {readonly import('../types.ts').Absence[]} */
export const absent = [
  { threat: 14, title: 'resume tokens', why: 'not in the product yet (issue 5)' },
  {
    threat: 15,
    title: 'HTTP/2',
    why: 'not in the product yet (RFC 8441 comes later); with prior knowledge it gets 400: garbage',
  },
]
