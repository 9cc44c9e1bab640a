/** The messages that are sent: of an exact size, and always the same. */

const MIXED = 'Grüße, 世界! 👋 Ça va? '

/** @param {import('../types.ts').MessageKind} kind */
export function makeMessage({ type, size }) {
  if (type === 'json') return Buffer.from(jsonText(size))
  if (type === 'ascii') return Buffer.alloc(size, 'The quick brown fox jumps over the lazy dog. ')
  if (type === 'binary') return Buffer.from(Array.from({ length: size }, (_, i) => (i * 167 + (i >> 8)) & 0xff))
  return Buffer.from(mixedText(size))
}

/** Characters of one to four bytes; dots fill what is left at the end. */
function mixedText(/** @type {number} */ size) {
  let text = MIXED.repeat(Math.floor(size / Buffer.byteLength(MIXED)))
  for (const character of MIXED) {
    if (Buffer.byteLength(text + character) > size) break
    text += character
  }
  return text + '.'.repeat(size - Buffer.byteLength(text))
}

/** Rows as an application sends them: the same keys, other values. */
function jsonText(/** @type {number} */ size) {
  const rows = []
  for (let id = 1; JSON.stringify({ rows, pad: '' }).length < size - 100; id++) {
    const price = ((id * 7919) % 100_000) / 100
    rows.push({ id, symbol: `SYM${(id * 31) % 97}`, price, volume: (id * 104_729) % 1_000_000, up: id % 3 === 0 })
  }
  const text = JSON.stringify({ rows, pad: '' })
  return JSON.stringify({ rows, pad: 'x'.repeat(size - text.length) })
}
