/** What a player sees, as the difference from what it saw before. Lists are sorted by id, so one pass compares them. */
import { type Reader, type Writer, wrong } from './bytes.ts'
import type { Spark } from './sparks.ts'

/** Another ship as it is told: position in quarters of a pixel, where it looks, its flags, and what it has gathered. */
export interface Seen {
  readonly id: number
  readonly x: number
  readonly y: number
  readonly fx: number
  readonly fy: number
  readonly flags: number
  readonly score: number
}

export const Flag = { dashing: 1, shaken: 2 } as const

/** All that is near a player, itself aside. */
export interface View {
  readonly ships: readonly Seen[]
  readonly sparks: readonly Spark[]
}

export const NOTHING: View = { ships: [], sparks: [] }

/** Which fields of a ship follow. */
const Field = { place: 1, facing: 2, flags: 4, score: 8, all: 15 } as const

const BLANK: Seen = { id: 0, x: 0, y: 0, fx: 0, fy: 0, flags: 0, score: 0 }

interface Identified {
  readonly id: number
}

/** What is in the one list and not in the other. */
function missing<T extends Identified>(from: readonly T[], other: readonly Identified[]): T[] {
  let at = 0
  return from.filter(({ id }) => {
    while (at < other.length && other[at].id < id) at++
    return other[at]?.id !== id
  })
}

// Ships: those that are gone, then those that came or changed.

export function writeView(writer: Writer, now: View, base: View): void {
  writeIds(writer, missing(base.ships, now.ships))
  const changed = changes(now.ships, base.ships)
  writer.varint(changed.length)
  for (const [ship, before, fields] of changed) writeShip(writer, ship, before, fields)
  writeIds(writer, missing(base.sparks, now.sparks))
  writeSparks(writer, missing(now.sparks, base.sparks))
}

type Change = readonly [ship: Seen, before: Seen, fields: number]

function changes(now: readonly Seen[], base: readonly Seen[]): Change[] {
  const found: Change[] = []
  let at = 0
  for (const ship of now) {
    while (at < base.length && base[at].id < ship.id) at++
    const known = base[at]?.id === ship.id
    const before = known ? base[at] : BLANK
    const fields = known ? differing(ship, before) : Field.all
    if (fields !== 0) found.push([ship, before, fields])
  }
  return found
}

const differing = (a: Seen, b: Seen): number =>
  (a.x !== b.x || a.y !== b.y ? Field.place : 0) |
  (a.fx !== b.fx || a.fy !== b.fy ? Field.facing : 0) |
  (a.flags !== b.flags ? Field.flags : 0) |
  (a.score !== b.score ? Field.score : 0)

function writeShip(writer: Writer, ship: Seen, before: Seen, fields: number): void {
  writer.u8(ship.id).u8(fields)
  if (fields & Field.place) writer.zigzag(ship.x - before.x).zigzag(ship.y - before.y)
  if (fields & Field.facing) writer.i8(ship.fx).i8(ship.fy)
  if (fields & Field.flags) writer.u8(ship.flags)
  if (fields & Field.score) writer.varint(ship.score)
}

/** Each as the distance from the one before. */
function writeIds(writer: Writer, list: readonly Identified[]): void {
  writer.varint(list.length)
  let last = 0
  for (const { id } of list) {
    writer.varint(id - last)
    last = id
  }
}

function writeSparks(writer: Writer, sparks: readonly Spark[]): void {
  writer.varint(sparks.length)
  let last = 0
  for (const { id, x, y } of sparks) {
    writer
      .varint(id - last)
      .varint(x)
      .varint(y)
    last = id
  }
}

/** The same back. What does not fit its base is a WireError. */
export function readView(reader: Reader, base: View): View {
  const ships = without(base.ships, readIds(reader))
  const changed = readList(reader, () => readShip(reader, ships))
  for (const ship of changed) ships.set(ship.id, ship)
  const sparks = without(base.sparks, readIds(reader))
  for (const spark of readSparks(reader)) sparks.set(spark.id, spark)
  return { ships: sorted(ships), sparks: sorted(sparks) }
}

const sorted = <T extends Identified>(found: ReadonlyMap<number, T>): T[] =>
  [...found.values()].sort((a, b) => a.id - b.id)

function without<T extends Identified>(list: readonly T[], gone: readonly number[]): Map<number, T> {
  const left = new Map(list.map(one => [one.id, one]))
  for (const id of gone) if (!left.delete(id)) wrong('what was not there is gone')
  return left
}

/** A count, and so many; each takes a byte at least, so the count costs nothing before it is believed. */
function readList<T>(reader: Reader, one: () => T): T[] {
  const list: T[] = []
  for (let left = reader.varint(); left > 0; left--) list.push(one())
  return list
}

function readIds(reader: Reader): number[] {
  let last = 0
  return readList(reader, () => (last += reader.varint()))
}

function readSparks(reader: Reader): Spark[] {
  let last = 0
  return readList(reader, () => ({ id: (last += reader.varint()), x: reader.varint(), y: reader.varint() }))
}

function readShip(reader: Reader, known: ReadonlyMap<number, Seen>): Seen {
  const [id, fields] = [reader.u8(), reader.u8()]
  const before = known.get(id) ?? (fields === Field.all ? BLANK : wrong('a ship changed that was not there'))
  const place = fields & Field.place ? { x: before.x + reader.zigzag(), y: before.y + reader.zigzag() } : {}
  const facing = fields & Field.facing ? { fx: reader.i8(), fy: reader.i8() } : {}
  const flags = fields & Field.flags ? { flags: reader.u8() } : {}
  const score = fields & Field.score ? { score: reader.varint() } : {}
  return { ...before, id, ...place, ...facing, ...flags, ...score }
}
