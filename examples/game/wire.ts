/**
 * The protocol of the game, for both ends: README.md has it as a table. A message is binary, and begins with its kind.
 * What a peer sent is read or refused, and nothing is ever thrown at whoever reads it.
 */
import { Reader, WireError, Writer, wrong } from './bytes.ts'
import { NOTHING, readView, type View, writeView } from './delta.ts'
import { type Ship, type Steer, steerOf } from './ship.ts'

const VERSION = 1

/** Kinds of messages: of clients below 16, of the server above. */
export const Kind = { hello: 1, steer: 2, ping: 3, welcome: 16, state: 17, roster: 18, table: 19, pong: 20 } as const

/** The largest that a client sends: a hello with the longest name. */
export const MAX_CLIENT_MESSAGE = 256
/** Steps in one message. */
export const MAX_STEPS = 8

interface Hello {
  readonly kind: 'hello'
  readonly name: string
}

/** Steps one after the other, and the last state that came, which the next difference may be taken from. */
export interface Steering {
  readonly kind: 'steer'
  readonly seen: number
  /** The number of the first step. */
  readonly first: number
  readonly steps: readonly Steer[]
}

/** `stamp` means something to who asks. */
interface Ping {
  readonly kind: 'ping' | 'pong'
  readonly stamp: number
}

export interface Welcome {
  readonly kind: 'welcome'
  readonly id: number
  readonly tick: number
  readonly capacity: number
}

/** One tick, as one player sees it. */
export interface State {
  readonly kind: 'state'
  readonly tick: number
  /** The last step that is in it, and how many wait. */
  readonly ack: number
  readonly waiting: number
  /** The player's own, exactly. */
  readonly ship: Ship
  readonly score: number
  readonly view: View
}

export interface Named {
  readonly id: number
  readonly bot: boolean
  readonly name: string
}

/** Who plays. */
interface Roster {
  readonly kind: 'roster'
  readonly pilots: readonly Named[]
}

/** The best, and how the server does. */
export interface Table {
  readonly kind: 'table'
  readonly rate: number
  /** Percent of one core that the server's process takes. */
  readonly cpu: number
  readonly people: number
  readonly bots: number
  /** States that this player was not sent, since it read too slowly. */
  readonly skipped: number
  readonly rank: number
  readonly best: readonly { readonly id: number; readonly score: number }[]
}

export interface Unreadable {
  readonly kind: 'unreadable'
  readonly reason: string
}

export type FromClient = Hello | Steering | Ping
export type FromServer = Welcome | State | Roster | Table | Ping

const writer = new Writer()

// What clients say

export const hello = (name: string): Uint8Array<ArrayBuffer> => writer.u8(Kind.hello).u8(VERSION).text(name).take()

export function steering({ seen, first, steps }: Omit<Steering, 'kind'>): Uint8Array<ArrayBuffer> {
  writer.u8(Kind.steer).u32(seen).u32(first).u8(steps.length)
  for (const { dx, dy, dash } of steps)
    writer
      .i8(dx)
      .i8(dy)
      .u8(dash ? 1 : 0)
  return writer.take()
}

export const ping = (stamp: number): Uint8Array<ArrayBuffer> => writer.u8(Kind.ping).u32(stamp).take()

export function readFromClient(bytes: Uint8Array): FromClient | Unreadable {
  return guarded(bytes, reader => {
    const kind = reader.u8()
    if (kind === Kind.hello) return readHello(reader)
    if (kind === Kind.steer) return readSteering(reader)
    if (kind === Kind.ping) return { kind: 'ping', stamp: reader.u32() }
    return wrong('no client says this')
  })
}

function readHello(reader: Reader): Hello {
  if (reader.u8() !== VERSION) wrong(`this server speaks version ${VERSION}`)
  return { kind: 'hello', name: reader.text() }
}

function readSteering(reader: Reader): Steering {
  const [seen, first, count] = [reader.u32(), reader.u32(), reader.u8()]
  if (count > MAX_STEPS) wrong(`at most ${MAX_STEPS} steps in a message`)
  return { kind: 'steer', seen, first, steps: Array.from({ length: count }, () => readStep(reader)) }
}

/** A direction that is longer than it may be is cut to what all have. */
function readStep(reader: Reader): Steer {
  const [dx, dy, buttons] = [reader.i8(), reader.i8(), reader.u8()]
  if (buttons > 1) wrong('there is one button')
  return steerOf(dx, dy, buttons === 1)
}

// What the server says

export const welcome = ({ id, tick, capacity }: Omit<Welcome, 'kind'>): Uint8Array<ArrayBuffer> =>
  writer.u8(Kind.welcome).u8(VERSION).u8(id).u32(tick).u8(capacity).take()

export const pong = (stamp: number): Uint8Array<ArrayBuffer> => writer.u8(Kind.pong).u32(stamp).take()

/** @param base - what the player is known to have, and of which tick */
export function state(
  { tick, ack, waiting, ship, score, view }: Omit<State, 'kind'>,
  base?: { readonly tick: number; readonly view: View },
): Uint8Array<ArrayBuffer> {
  writer
    .u8(Kind.state)
    .u32(tick)
    .u8(base === undefined ? 0 : tick - base.tick)
  writer.u32(ack).u8(waiting).varint(score)
  writer.u16(ship.x).u16(ship.y).i16(ship.vx).i16(ship.vy)
  writer.i8(ship.fx).i8(ship.fy).u8(ship.dash).u8(ship.rest).u8(ship.shaken)
  writeView(writer, view, base?.view ?? NOTHING)
  return writer.take()
}

export function roster(pilots: readonly Named[]): Uint8Array<ArrayBuffer> {
  writer.u8(Kind.roster).u8(pilots.length)
  for (const { id, bot, name } of pilots)
    writer
      .u8(id)
      .u8(bot ? 1 : 0)
      .text(name)
  return writer.take()
}

export function table({ rate, cpu, people, bots, skipped, rank, best }: Omit<Table, 'kind'>): Uint8Array<ArrayBuffer> {
  writer
    .u8(Kind.table)
    .u16(Math.round(rate * 100))
    .u16(Math.min(Math.round(cpu * 10), 65_535))
  writer.u8(people).u8(bots).varint(skipped).u8(rank).u8(best.length)
  for (const { id, score } of best) writer.u8(id).varint(score)
  return writer.take()
}

/** @param viewOf - what was seen at a tick, as long as it is kept */
export function readFromServer(bytes: Uint8Array, viewOf: (tick: number) => View | undefined): FromServer | Unreadable {
  return guarded(bytes, reader => {
    const kind = reader.u8()
    if (kind === Kind.state) return readState(reader, viewOf)
    if (kind === Kind.roster) return readRoster(reader)
    if (kind === Kind.table) return readTable(reader)
    if (kind === Kind.pong) return { kind: 'pong', stamp: reader.u32() }
    if (kind === Kind.welcome) return readWelcome(reader)
    return wrong('no server says this')
  })
}

function readWelcome(reader: Reader): Welcome {
  if (reader.u8() !== VERSION) wrong(`this page speaks version ${VERSION}`)
  return { kind: 'welcome', id: reader.u8(), tick: reader.u32(), capacity: reader.u8() }
}

function readState(reader: Reader, viewOf: (tick: number) => View | undefined): State {
  const [tick, age] = [reader.u32(), reader.u8()]
  const [ack, waiting, score] = [reader.u32(), reader.u8(), reader.varint()]
  const ship = readShip(reader)
  const base = age === 0 ? NOTHING : (viewOf(tick - age) ?? wrong('the state to compare with is not kept'))
  return { kind: 'state', tick, ack, waiting, ship, score, view: readView(reader, base) }
}

function readShip(reader: Reader): Ship {
  const [x, y, vx, vy] = [reader.u16(), reader.u16(), reader.i16(), reader.i16()]
  const [fx, fy, dash, rest, shaken] = [reader.i8(), reader.i8(), reader.u8(), reader.u8(), reader.u8()]
  return { x, y, vx, vy, fx, fy, dash, rest, shaken }
}

function readRoster(reader: Reader): Roster {
  const one = () => ({ id: reader.u8(), bot: reader.u8() === 1, name: reader.text() })
  return { kind: 'roster', pilots: Array.from({ length: reader.u8() }, one) }
}

function readTable(reader: Reader): Table {
  const [rate, cpu, people, bots] = [reader.u16() / 100, reader.u16() / 10, reader.u8(), reader.u8()]
  const [skipped, rank] = [reader.varint(), reader.u8()]
  const one = () => ({ id: reader.u8(), score: reader.varint() })
  return { kind: 'table', rate, cpu, people, bots, skipped, rank, best: Array.from({ length: reader.u8() }, one) }
}

/** The door: what is wrong with the bytes stays behind it. */
function guarded<T>(bytes: Uint8Array, read: (reader: Reader) => T): T | Unreadable {
  const reader = new Reader(bytes)
  try {
    const message = read(reader)
    reader.end()
    return message
  } catch (error) {
    if (error instanceof WireError) return { kind: 'unreadable', reason: error.message }
    throw error
  }
}
