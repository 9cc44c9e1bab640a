/** Messages in words: what a person typed as data to send, and data that came as text to read. */

/** Of binary data, so many bytes are shown. */
const SHOWN = 256

/** Bytes in hexadecimal; undefined when the text is something else. */
export function parseHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = text.replace(/[\s:]/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) return undefined
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

export function formatHex(bytes: Uint8Array): string {
  const pairs = Array.from(bytes.subarray(0, SHOWN), byte => byte.toString(16).padStart(2, '0'))
  const rest = bytes.length > SHOWN ? ` and ${bytes.length - SHOWN} more` : ''
  return pairs.join(' ') + rest
}

export const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

const encoder = new TextEncoder()

/** Such as `JSON text, 43 bytes`. */
export function describeText(text: string): string {
  return `${isJson(text) ? 'JSON ' : ''}text, ${count(encoder.encode(text).length, 'byte')}`
}

export const describeBytes = (size: number): string => `binary, ${count(size, 'byte')}`

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
