/** Colours: only on a terminal that has them, and never with NO_COLOR. no-color.org */
import pc from 'picocolors'

export type Colors = ReturnType<typeof pc.createColors>

export const hasColors = (stream: { readonly isTTY?: boolean }): boolean =>
  stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'

export const colorsFor = (stream: { readonly isTTY?: boolean }): Colors => pc.createColors(hasColors(stream))
