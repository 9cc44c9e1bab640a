/** How messages stand in WebSocket messages: what the JSON and the MessagePack form have in common. */

/** What a WebSocket message has: text is a string. */
export type WireData = string | Uint8Array

/** One form of hotline.1. */
export interface Form {
  /** The subprotocol that stands for it. */
  readonly protocol: string
  /** One WebSocket message. */
  encode(message: object): WireData
  /** What the WebSocket message says, unchecked; undefined when it is not of this form at all. */
  decode(data: WireData): unknown
}
