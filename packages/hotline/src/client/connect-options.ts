/** The check of what `connect` takes, in Node. */
import { atLeast, check, milliseconds, oneOf, type Rule, such } from '../connection/options.ts'
import { UsageError } from '../errors.ts'
import { BACKOFF, type ConnectOptions, HEARTBEAT, QUEUE } from './line/options.ts'
import { asOptions, resolveClient } from './options.ts'

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const isFunction = (value: unknown): boolean => typeof value === 'function'
const isText = (value: unknown): boolean => typeof value === 'string'

const object = such('be an object', undefined, isObject)
const callback = such('be a function', undefined, isFunction)

const RULES: { readonly [K in keyof ConnectOptions]-?: Rule<unknown> } = {
  protocols: such('be a subprotocol or a list of them', undefined, value => isText(value) || Array.isArray(value)),
  token: such('be a string or a function', undefined, value => isText(value) || isFunction(value)),
  form: such('be a form of hotline.1', undefined, value => isObject(value) && isText((value as Form).protocol)),
  backoff: object,
  retry: callback,
  attemptTimeout: milliseconds(0),
  heartbeat: such('be an object or false', undefined, value => value === false || isObject(value)),
  queue: object,
  maxUnread: atLeast(0, 0),
  signal: such('be an AbortSignal', undefined, value => value instanceof AbortSignal),
  report: callback,
  socket: object,
  WebSocket: callback,
  clock: object,
  random: callback,
}

type Form = { readonly protocol?: unknown }

/** @throws UsageError with the name of the option that is unknown or wrong */
export function checkConnect(options: ConnectOptions): void {
  const { backoff = {}, heartbeat, queue = {}, socket = {}, token, protocols } = asOptions(options, 'connect')
  check(options, RULES as never, 'connect')
  const { base, cap, stable } = BACKOFF
  checkNested(backoff, { base: milliseconds(base), cap: milliseconds(cap), stable: milliseconds(stable, 0) }, 'backoff')
  const { interval, timeout } = HEARTBEAT
  const message = such('be a string', undefined, isText)
  checkNested(
    heartbeat || {},
    { interval: milliseconds(interval), timeout: milliseconds(timeout), message },
    'heartbeat',
  )
  const { count, bytes, policy } = QUEUE
  const policies = oneOf(['refuse', 'drop-oldest', 'drop-newest'], policy)
  checkNested(queue, { count: atLeast(0, count), bytes: atLeast(0, bytes), policy: policies }, 'queue')
  resolveClient(socket, 'socket of connect')
  if (token !== undefined && protocols?.length === 0)
    throw new UsageError('a token goes beside a subprotocol that the server chooses', 'token')
}

const checkNested = (given: object, rules: Readonly<Record<string, Rule<never>>> | object, name: string): void =>
  check(given, rules as never, `${name} of connect`)
