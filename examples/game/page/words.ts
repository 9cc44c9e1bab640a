/** What became of the line, in words for a player. */
import type { LineState } from 'hotline/client'

const TRY_AGAIN_LATER = 1013

/** Undefined for what needs none. */
export function saying(state: LineState): string | undefined {
  if (state.status === 'waiting') return waiting(state.end.code, state.end.reason)
  if (state.status === 'closed' && state.end.by !== 'caller') return refused(state.end.code, state.end.reason)
  return undefined
}

function waiting(code: number, reason: string): string {
  if (code === TRY_AGAIN_LATER) return `${sentence(reason)} You are in as soon as somebody leaves: trying again …`
  return 'The server is away. The line comes back by itself as soon as it can: trying again …'
}

const refused = (code: number, reason: string): string =>
  `The server ended it (${code}): ${reason || 'it did not say why'}. You can play again.`

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
