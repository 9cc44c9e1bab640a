/** How a connection ended, from what its endpoint knows and from the fault that was seen first. RFC 6455 §7.1.4 to §7.1.6 */
import { WebSocketError } from '../errors.ts'
import { CloseCode, type Closed } from '../protocol/close.ts'
import type { CloseState } from '../protocol/endpoint.ts'

/** The peer's code and reason where both close frames went; ours where we failed the connection; else 1006. */
export function outcomeOf(state: CloseState, fault: Error | undefined): Closed {
  if (state.phase === 'closed') {
    const { sent, received } = state
    return { ...received, clean: true, sent, received }
  }
  const error = fault ?? lost('the connection was lost')
  if (state.phase === 'open') return { code: CloseCode.abnormal, reason: '', clean: false, error }
  const { sent } = state
  const told = state.error === undefined ? { code: CloseCode.abnormal, reason: '' } : sent
  return { ...told, clean: false, sent, error }
}

/** The wire was cut, or the peer went without a word. */
export const lost = (message: string, cause?: Error): WebSocketError =>
  new WebSocketError('ERR_CONNECTION', message, cause === undefined ? undefined : { cause })
