/** A crash made small: pieces are left out and bytes made plain, as long as it stays the same crash. */
import { join } from './bytes.ts'

/** Tries that a crash is worth. */
const TRIES = 3000

export async function shrink(
  input: Uint8Array,
  crashes: (bytes: Uint8Array) => Promise<boolean>,
  tries = TRIES,
): Promise<Uint8Array> {
  let best = input
  let left = tries
  const attempt = async (bytes: Uint8Array): Promise<boolean> => {
    if (left-- <= 0 || !(await crashes(bytes))) return false
    best = bytes
    return true
  }
  for (let before = -1; before !== best.length && left > 0; ) {
    before = best.length
    await withoutPieces(() => best, attempt)
  }
  await plainer(() => best, attempt)
  return best
}

type Attempt = (bytes: Uint8Array) => Promise<boolean>

/** Halves first, then smaller and smaller pieces, from the end. */
async function withoutPieces(best: () => Uint8Array, attempt: Attempt): Promise<void> {
  for (let size = best().length; size >= 1; size = size >> 1) {
    for (let at = best().length - size; at >= 0; at -= size) {
      const bytes = best()
      await attempt(join([bytes.subarray(0, at), bytes.subarray(at + size)]))
    }
  }
}

async function plainer(best: () => Uint8Array, attempt: Attempt): Promise<void> {
  for (let at = 0; at < best().length; at++) {
    for (const plain of [0, 0x61]) {
      if (best()[at] === plain) break
      const copy = new Uint8Array(best())
      copy[at] = plain
      if (await attempt(copy)) break
    }
  }
}
