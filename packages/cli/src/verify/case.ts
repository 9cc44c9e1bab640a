/** What a case of the suite is: data, from which one player and one judge do the rest. */

/** The end that is tested. */
export type Role = 'server' | 'client'

/** Bytes, or how to make them. A string stands for its UTF-8. */
export type Payload = string | Uint8Array | { readonly fill: string; readonly size: number }

/** A frame. It is masked when the suite plays the client. RFC 6455 §5.2 */
export interface Frame {
  readonly opcode: number
  readonly payload?: Payload
  /** @default true */
  readonly fin?: boolean
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv?: number
  /** `wrong` masks where it must not be, or does not where it must; `zero` masks with a key of zeros. */
  readonly mask?: 'wrong' | 'zero'
  /** The length in more bits than it needs. */
  readonly form?: 7 | 16 | 64
  /** A length that is not the payload's. */
  readonly declares?: bigint
}

export type Step =
  /** Frames in one write, or in writes of so many bytes; others, where it was agreed that our window lives on. */
  | {
      readonly do: 'send'
      readonly frames: readonly Frame[]
      readonly kept?: readonly Frame[]
      readonly chop?: number
      readonly times?: number
    }
  /** A message, compressed with the context of the line, in so many fragments. RFC 7692 */
  | ({ readonly do: 'message'; readonly compressed: boolean; readonly fragments?: number } & Message & Deflating)
  /** Waits for as many of them in all, for the end of the line, or until the deadline or `for` milliseconds. */
  | {
      readonly do: 'await'
      readonly what: 'messages' | 'pongs' | 'end'
      readonly count?: number
      readonly for?: number
    }
  | { readonly do: 'pause'; readonly milliseconds: number }
  /** Ends our direction of the TCP connection, or both. */
  | { readonly do: 'hang up'; readonly how: 'half' | 'whole' }

/** How the suite compresses a message. */
export interface Deflating {
  /** What zlib does with the data; `stored` is not compressed at all. @default 'default' */
  readonly blocks?: 'default' | 'fixed' | 'stored' | 'huffman' | 'many'
  /** Ends with a block that has BFINAL set. RFC 7692 §7.2.3.4 */
  readonly final?: boolean
  /** Forgets the window before the message. */
  readonly reset?: boolean
}

export interface Message {
  readonly type: 'text' | 'binary'
  readonly payload: Payload
  /** @default 1 */
  readonly times?: number
}

/**
 * A field of the head: its value, or null for its absence. `{host}`, `{key}` and `{accept}` stand for what is right,
 * `{lower}`, `{untrimmed}` and `{unpadded}` for Accept values that are nearly so.
 */
export type FieldValue = string | null

/** What differs from a plain request or answer. */
export interface Head {
  /** The first line; `{path}` stands for the target. */
  readonly start?: string
  readonly set?: Readonly<Record<string, FieldValue>>
  /** Fields behind the others. */
  readonly add?: readonly (readonly [name: string, value: string])[]
  /** Stands instead of the whole head, with the same placeholders. */
  readonly raw?: string
  /** Bytes behind the head that are no frames. */
  readonly body?: string
  /** Frames in the same write as the head. */
  readonly early?: readonly Frame[]
  /** The head in writes of so many bytes. */
  readonly chop?: number
}

/** What the player may negotiate. RFC 7692 §7.1 */
interface Deflate {
  /** What the suite offers to a server, such as `permessage-deflate; client_max_window_bits`. */
  readonly offer: string
  /** The parameters with which it accepts what a client offers. */
  readonly accept?: string
}

/** How a line ends. Close codes are numbers; `none` is a Close frame without a code. */
export type End =
  /** A Close frame of the peer with one of these codes, and the TCP connection ends. `by` says who begins. */
  | { readonly how: 'closed'; readonly by: 'suite' | 'peer'; readonly codes: readonly (number | 'none')[] | 'any' }
  /** The peer ends the TCP connection without a Close frame. */
  | { readonly how: 'dropped' }
  /** Open, without a Close frame, until the deadline. */
  | { readonly how: 'silent' }
  /** The server answers with another status than 101. */
  | { readonly how: 'refused'; readonly statuses: readonly number[] | 'any' }
  /** The client ends the TCP connection after our answer, without a frame. */
  | { readonly how: 'rejected' }

/** What may be seen, and what that means. */
export interface Outcome {
  readonly verdict: 'pass' | 'lenient' | 'informational'
  /** Exactly these, in this order. @default none */
  readonly messages?: readonly Message[]
  /** The answers to our pings: in order, each at most once, and the last one at least. RFC 6455 §5.5.3 @default none */
  readonly pongs?: readonly Payload[]
  readonly end: End
  /** The end came before the last step was played. */
  readonly early?: boolean
  /** What the fields of the answer to our request must have among their values; null stands for no such field. */
  readonly fields?: Readonly<Record<string, FieldValue>>
  /** Said in the report when this is what was seen. */
  readonly note?: string
}

export interface Case {
  /** family.group.case */
  readonly id: string
  readonly title: string
  /** Such as `RFC 6455 §5.2`. */
  readonly clause: string
  /** Why somebody should care. */
  readonly why: string
  /** Who can be tested with it. @default both */
  readonly roles?: readonly Role[]
  /** Our request, when a server is tested. */
  readonly request?: Head
  /** Our answer, when a client is tested. */
  readonly answer?: Head
  readonly deflate?: Deflate
  readonly steps: readonly Step[]
  /** Best first. The first decides what the player waits for. */
  readonly outcomes: readonly Outcome[]
  /** Timed, and never a verdict. */
  readonly timed?: boolean
  /** Milliseconds. */
  readonly deadline?: number
}

export interface Family {
  readonly number: number
  readonly title: string
  readonly cases: readonly Case[]
}

export const rolesOf = ({ roles = ['server', 'client'] }: Case): readonly Role[] => roles
