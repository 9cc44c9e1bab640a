/** What the document with the client tells the page, as an event on its frame. */

export const CLIENT_EVENT = 'client-news'

export type ClientNews =
  /** The client has run, and this is its socket. */
  | { readonly kind: 'socket'; readonly socket: WebSocket }
  /** It called console.log or console.error. */
  | { readonly kind: 'console'; readonly level: 'log' | 'error'; readonly values: readonly unknown[] }
  /** It threw, or could not be had. */
  | { readonly kind: 'failed'; readonly message: string }
