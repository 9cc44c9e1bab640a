/** Bytes for reading: offset, sixteen bytes in hexadecimal, and what of them is ASCII. */

const PER_LINE = 16

/** At most so many bytes are laid out, with a last line that says how many more there are. */
export function hexdump(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): string {
  const shown = bytes.subarray(0, Math.min(bytes.length, most))
  const lines: string[] = []
  for (let at = 0; at < shown.length; at += PER_LINE) lines.push(line(shown.subarray(at, at + PER_LINE), at))
  if (shown.length < bytes.length) lines.push(`and ${bytes.length - shown.length} more bytes`)
  return lines.join('\n')
}

function line(bytes: Uint8Array, offset: number): string {
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0'))
  const halves = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')].join('  ')
  const ascii = Array.from(bytes, byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
  return `${offset.toString(16).padStart(8, '0')}  ${halves.padEnd(48)}  |${ascii}|`
}
