/** Who may see what a server says of itself: whoever has the token; without one, whoever sits at the machine. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** True for the same text, in a time that says nothing about where two differ. */
export function isSecret(secret: string, given: string | undefined): boolean {
  return given !== undefined && timingSafeEqual(digest(secret), digest(given))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The token of `Authorization: Bearer …`. RFC 6750 §2.1 */
export const bearerOf = ({ authorization = '' }: IncomingHttpHeaders): string | undefined =>
  /^Bearer +([^ ]+) *$/i.exec(authorization)?.[1]

/** What a proxy adds, so that what comes from this machine comes from elsewhere. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/** Names of this machine. A page of another name that leads here is not from here (DNS rebinding). */
const HERE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** True for a request from this very machine, which no proxy says that it has passed on. */
export const isLocal = ({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): boolean =>
  /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '') &&
  HERE.test(headers.host ?? '') &&
  !FORWARDED.some(name => headers[name] !== undefined)
