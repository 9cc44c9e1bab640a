/** What a server of the tests agrees to of permessage-deflate, rightly or with a fault. RFC 7692 §7.1 */
import type { Agreed } from './codec.ts'

export type AgreeFault =
  | 'agrees to a window of seven bits'
  | 'agrees to a window of the client that was not offered'
  | 'agrees without server_no_context_takeover'
  | 'agrees to an offer that is wrong'
  | 'agrees twice'
  | 'takes lists without grammar'

const TOKEN = "[\\w!#$%&'*+.^`|~-]+"
const PARAMETER = `\\s*;\\s*${TOKEN}(\\s*=\\s*(${TOKEN}|"${TOKEN}"))?`
const LIST = new RegExp(`^\\s*${TOKEN}(${PARAMETER})*\\s*(,\\s*${TOKEN}(${PARAMETER})*\\s*)*$`)

/** The field of the answer; '' for none, undefined when the request is to be refused. RFC 6455 §9.1 */
export function answerOf(field: string | undefined, fault: string | undefined): string | undefined {
  const has = (name: AgreeFault): boolean => fault === name
  if (field === undefined) return ''
  if (!LIST.test(field) && !has('takes lists without grammar')) return undefined
  const offers = field.split(',').map(offer => offer.split(';').map(part => part.trim().replaceAll('"', '')))
  const offer = offers.find(
    ([name, ...parts]) => name === 'permessage-deflate' && (isRight(parts) || has('agrees to an offer that is wrong')),
  )
  if (offer === undefined) return ''
  const value = (name: string): string | undefined => offer.find(part => part.startsWith(name))
  const answer = [
    'permessage-deflate',
    has('agrees without server_no_context_takeover') ? undefined : value('server_no_context_takeover'),
    has('agrees to a window of seven bits') ? 'server_max_window_bits=7' : value('server_max_window_bits'),
    has('agrees to a window of the client that was not offered') ? 'client_max_window_bits=12' : undefined,
  ]
  return [answer.filter(Boolean).join('; '), ...(has('agrees twice') ? ['permessage-deflate'] : [])].join(', ')
}

/** Whether these parameters may stand in an offer. */
function isRight(parts: readonly string[]): boolean {
  const names = parts.map(part => part.split('=')[0])
  return (
    new Set(names).size === names.length &&
    parts.every(part =>
      /^((server|client)_no_context_takeover|client_max_window_bits|(server|client)_max_window_bits=([89]|1[0-5]))$/.test(
        part,
      ),
    )
  )
}

/** Whether a client that offered all may take this answer. */
export function isAnswer(answer: string): boolean {
  const [name, ...parts] = answer.split(';').map(part => part.trim())
  return answer === '' || (name === 'permessage-deflate' && isRight(parts) && !parts.includes('client_max_window_bits'))
}

/** What this end then does. */
export function agreedBy(answer: string, role: 'server' | 'client' = 'server'): Agreed | undefined {
  if (!answer.startsWith('permessage-deflate')) return undefined
  const other = role === 'server' ? 'client' : 'server'
  return {
    sends: {
      bits: Number(new RegExp(`${role}_max_window_bits=(\\d+)`).exec(answer)?.[1] ?? 15),
      takeover: !answer.includes(`${role}_no_context_takeover`),
    },
    receives: { takeover: !answer.includes(`${other}_no_context_takeover`) },
  }
}
