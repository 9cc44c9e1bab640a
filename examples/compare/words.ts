/** What a page and its server say to each other about the comparison. */

export const LANES = ['polling', 'long-polling', 'sse', 'websocket'] as const
export type Lane = (typeof LANES)[number]

/** Updates a second that a page may ask for. */
export const RATE = { min: 0.2, max: 50 } as const

/** Requests, and bytes at the server's sockets, since the page came. */
export interface Counts {
  readonly requests: number
  readonly bytes: number
}

export interface FromPage {
  readonly rate?: unknown
  readonly ping?: unknown
}

export type ToPage =
  | { readonly visit: string }
  | { readonly published: number; readonly lanes: Readonly<Record<Lane, Counts>> }
  /** The page's clock as it was sent, and the server's. */
  | { readonly pong: number; readonly now: number }
  | { readonly wrong: string }

/** An update, as each way brings it. */
export interface Told {
  readonly id: number
  /** Milliseconds of the server's clock. */
  readonly at: number
  readonly price: number
}
