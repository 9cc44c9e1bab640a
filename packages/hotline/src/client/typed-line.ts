/** A line that stays up and speaks a contract; `connect` of Node or of browsers opens it. */
import type { Contract } from '../contract/contract.ts'
import { type TypedLine, type TypedLineOptions, typedLine } from '../contract/line.ts'
import { msgpackForm } from '../topics/wire/msgpack.ts'
import type { Line } from './line/line.ts'
import type { ConnectOptions } from './line/options.ts'

/** What `connectTyped` takes. The contract says the form. */
export interface TypedConnectOptions extends Omit<ConnectOptions, 'form' | 'protocols'>, TypedLineOptions {}

/** @param connect - opens the line below */
export function typedBy<C extends Contract>(
  contract: C,
  { invalid, ...options }: TypedConnectOptions,
  connect: (options: ConnectOptions) => Line,
): TypedLine<C, Line> {
  const { messagePack } = contract
  const line = connect(messagePack === undefined ? options : { ...options, form: msgpackForm(messagePack) })
  return typedLine(contract, line, invalid === undefined ? {} : { invalid })
}
