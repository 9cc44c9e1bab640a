/** What a message in MessagePack says of its own size. Decoders make room for it before they have read so much. */

/** True when no list, map or text in it says that it is longer than what follows: no decoder makes more room than it took to send. */
export function isHonest(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  /** Values that have to follow. */
  let owed = 1
  while (at < bytes.length) {
    const { skip, owes } = headOf(view, at)
    at += skip
    // Behind a whole value may come another: records of msgpackr are written like that.
    owed = Math.max(owed, 1) - 1 + owes
    if (at + owed > bytes.length) return false
  }
  return true
}

/** Bytes to the next value or to the first one inside, and how many are inside. */
interface Head {
  readonly skip: number
  readonly owes: number
}

const SKIPPED = Array.from({ length: 256 }, (_, skip): Head => ({ skip, owes: 0 }))
const of = (skip: number, owes: number): Head => (owes === 0 && SKIPPED[skip]) || { skip, owes }

/** Bytes of values from 0xc0 on whose size is in their first byte alone; 0 for the others. */
const FIXED = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9, 3, 4, 6, 10, 18]

function headOf(view: DataView, at: number): Head {
  const first = view.getUint8(at)
  if (first < 0x80 || first >= 0xe0) return of(1, 0)
  if (first < 0x90) return of(1, 2 * (first & 15))
  if (first < 0xa0) return of(1, first & 15)
  if (first < 0xc0) return of(1 + (first & 31), 0)
  const fixed = FIXED[first - 0xc0] ?? 0
  return fixed > 0 ? of(fixed, 0) : sizedHead(view, at, first)
}

/** Those that have their size behind the first byte: in 1, 2 or 4 bytes. */
function sizedHead(view: DataView, at: number, first: number): Head {
  // Lists and maps have 2 or 4, all others in threes 1, 2 or 4.
  const width = first >= 0xdc ? 2 << (first & 1) : 1 << ((first - 0xc4) % 3)
  if (at + 1 + width > view.byteLength) return of(1 + width, 0)
  const size = width === 1 ? view.getUint8(at + 1) : width === 2 ? view.getUint16(at + 1) : view.getUint32(at + 1)
  if (first >= 0xde) return of(1 + width, 2 * size)
  if (first >= 0xdc) return of(1 + width, size)
  const isExtension = first >= 0xc7 && first <= 0xc9
  return of(1 + width + (isExtension ? 1 : 0) + size, 0)
}
