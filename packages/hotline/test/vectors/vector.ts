/** What a row of the tables in this folder says. */
import type { Role } from '../../src/protocol/opcode.ts'

/** What an end of the line is told. Bytes are in hex. */
export type Told =
  | readonly [what: 'text', data: string]
  | readonly [what: 'binary' | 'ping' | 'pong' | 'close', payload: string]
  /** A message that is still compressed, with its opcode. RFC 7692 */
  | readonly [what: 'compressed', opcode: number, payload: string]
  /** The peer asked for the closing handshake. */
  | readonly [what: 'closing', code: number, reason: string]
  /** The connection is failed, with this close code. */
  | readonly [what: 'fail', closeCode: number]
  | readonly [what: 'hangup']

/** Bytes that an endpoint reads, and what must come of them. */
export interface Vector {
  /** The claim, after "a client" or "a server". */
  readonly name: string
  /** Where the claim stands in RFC 6455. */
  readonly clause: string
  /** Who reads. A row for both is written as a server sends it, and masked for the server frame by frame. */
  readonly role: Role | 'both'
  /** Frames with bars between them; `00*256` stands for 256 such bytes. */
  readonly hex: string
  readonly maxMessage?: number
  readonly told: readonly Told[]
  /** What is written back, without a mask. Nothing unless said. */
  readonly answer?: string
}

/** What an endpoint is asked to send, and what must leave. */
export interface Sending {
  /** The claim, after "a client" or "a server". */
  readonly name: string
  readonly clause: string
  /** Who sends. A row for both is written without a mask, which the client's frames have in addition. */
  readonly role: Role | 'both'
  readonly commands: readonly Command[]
  readonly hex: string
}

export type Command =
  | readonly [what: 'text', data: string, final?: boolean]
  | readonly [what: 'binary' | 'ping', payload: string, final?: boolean]
  | readonly [what: 'more', data: string, final?: boolean]
  | readonly [what: 'close', code?: number, reason?: string]
  /** The peer's frames, written as in a `Vector`. */
  | readonly [what: 'read', frames: string]
