/** The form of hotline.1: text is JSON; binary is JSON, a line feed, and then the bytes that are `data`. docs/protocol.md, "JSON" */
import type { Form, WireData } from './form.ts'
import { PROTOCOL } from './messages.ts'
import { utf8 } from './utf8.ts'

/** What ends the JSON of a binary message. JSON has it only between its parts, and there writers leave it out. RFC 8259 §2 */
const LINE_FEED = 0x0a

const decoder = new TextDecoder('utf-8', { fatal: true })

export const jsonForm: Form = { protocol: PROTOCOL, encode, decode }

function encode(message: object): WireData {
  const { data, ...head } = message as { readonly data?: unknown }
  if (!(data instanceof Uint8Array)) return JSON.stringify(message)
  const json = utf8(`${JSON.stringify(head)}\n`)
  const bytes = new Uint8Array(json.length + data.length)
  bytes.set(json)
  bytes.set(data, json.length)
  return bytes
}

function decode(message: WireData): unknown {
  try {
    return typeof message === 'string' ? JSON.parse(message) : decodeBinary(message)
  } catch {
    return undefined
  }
}

/** The bytes are a view of the message's own. */
function decodeBinary(message: Uint8Array): unknown {
  const end = message.indexOf(LINE_FEED)
  if (end < 0) return undefined
  // Not spread: a long text would be an object with a field for each letter. What is no object stays none.
  return Object.assign(JSON.parse(decoder.decode(message.subarray(0, end))) ?? [], { data: message.subarray(end + 1) })
}
