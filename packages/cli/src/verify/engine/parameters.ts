/** What an offer and an answer of permessage-deflate come to. RFC 7692 §7.1 */
import type { Role } from '../case.ts'
import type { Direction } from './deflate.ts'

export interface Parameters {
  readonly serverNoTakeover: boolean
  readonly clientNoTakeover: boolean
  readonly serverBits: number | undefined
  /** `true` stands for the parameter without a value, which only an offer may have. §7.1.2.2 */
  readonly clientBits: number | true | undefined
}

export interface Read {
  readonly name: string
  readonly parameters: Parameters
  readonly faults: readonly string[]
}

/** One element of Sec-WebSocket-Extensions. RFC 6455 §9.1 */
export function readExtension(element: string): Read {
  const [name = '', ...parts] = element.split(';').map(part => part.trim())
  const given = new Map<string, string | true>()
  const faults: string[] = []
  for (const part of parts) {
    const [key = '', value] = part.split('=').map(side => side.trim().replace(/^"(.*)"$/, '$1'))
    if (given.has(key)) faults.push(`RFC 7692 §7.1: ${key} stands twice`)
    given.set(key, value ?? true)
  }
  for (const [key, value] of given) faults.push(...faultsOf(key, value))
  return {
    name,
    faults,
    parameters: {
      serverNoTakeover: given.has('server_no_context_takeover'),
      clientNoTakeover: given.has('client_no_context_takeover'),
      serverBits: bits(given.get('server_max_window_bits')),
      clientBits: given.get('client_max_window_bits') === true ? true : bits(given.get('client_max_window_bits')),
    },
  }
}

const bits = (value: string | true | undefined): number | undefined => (typeof value === 'string' ? +value : undefined)

function faultsOf(key: string, value: string | true): string[] {
  if (key === 'server_no_context_takeover' || key === 'client_no_context_takeover')
    return value === true ? [] : [`RFC 7692 §7.1.1: ${key} has a value`]
  if (key !== 'server_max_window_bits' && key !== 'client_max_window_bits')
    return [`RFC 7692 §7: ${key} is no parameter`]
  if (value === true) return key === 'client_max_window_bits' ? [] : [`RFC 7692 §7.1.2.1: ${key} has no value`]
  return /^([89]|1[0-5])$/.test(value) ? [] : [`RFC 7692 §7.1.2: ${key} is ${value}`]
}

/** What is wrong with an answer to this offer. §7.1.1, §7.1.2 */
export function faultsOfAnswer(offer: Parameters, answer: Parameters): string[] {
  const faults: string[] = []
  if (offer.serverNoTakeover && !answer.serverNoTakeover)
    faults.push('RFC 7692 §7.1.1.1: the answer lacks server_no_context_takeover, which was asked for')
  if (offer.serverBits !== undefined && !((answer.serverBits ?? 15) <= offer.serverBits))
    faults.push(`RFC 7692 §7.1.2.1: the answer has a larger window than ${offer.serverBits} bits`)
  if (answer.clientBits === true) faults.push('RFC 7692 §7.1.2.2: client_max_window_bits has no value in an answer')
  if (answer.clientBits !== undefined && offer.clientBits === undefined)
    faults.push('RFC 7692 §7.1.2.2: the answer has client_max_window_bits, which was not offered')
  if (
    typeof answer.clientBits === 'number' &&
    typeof offer.clientBits === 'number' &&
    answer.clientBits > offer.clientBits
  )
    faults.push(`RFC 7692 §7.1.2.2: the answer has a larger window than ${offer.clientBits} bits`)
  return faults
}

/** The direction in which this end sends, by what was agreed. */
export function directionOf(sender: Role, agreed: Parameters): Direction {
  const server = sender === 'server'
  const windowBits = server ? agreed.serverBits : agreed.clientBits
  return {
    windowBits: typeof windowBits === 'number' ? windowBits : 15,
    takeover: !(server ? agreed.serverNoTakeover : agreed.clientNoTakeover),
  }
}
