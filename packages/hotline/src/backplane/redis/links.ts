/** All servers that topics are on, for as long as none of them is lost: one Redis, or each primary of a cluster. */
import { BackplaneError } from '../../errors.ts'
import type { Driver } from './driver.ts'
import { Link } from './link.ts'
import { SLOTS, slotOf } from './names.ts'
import type { Address, ResolvedRedis } from './options.ts'

/** Of CLUSTER SLOTS: the slots from and to, and the servers that have them, the primary first. */
type SlotRange = readonly [from: number, to: number, primary: readonly [host: Buffer | null, port: number]]

export class Links {
  readonly isCluster: boolean
  readonly all: readonly Link[]
  readonly #bySlot: readonly Link[]
  /** For each topic the last publication that nobody knows about yet, and how many there are. */
  readonly #underway = new Map<string, { sequence: number; count: number }>()

  constructor(all: readonly Link[], bySlot: readonly Link[]) {
    this.all = all
    this.#bySlot = bySlot
    this.isCluster = bySlot.length > 0
  }

  /**
   * Connects to all there are, unless it is to be closed meanwhile.
   *
   * @throws BackplaneError when one of them cannot be had, or cannot do what is needed
   */
  static async open(driver: Driver, options: ResolvedRedis, closing: AbortSignal): Promise<Links> {
    const [seed, first] = await openSeed(driver, options, closing)
    if (!first.server.cluster) {
      if (options.seeds.length === 1) return new Links([first], [])
      first.end()
      throw new BackplaneError('several hosts are given, and this is no Redis Cluster: give one')
    }
    const ranges = (await first.command('CLUSTER', 'SLOTS')) as readonly SlotRange[]
    first.end()
    return await openCluster(driver, options, closing, seed, ranges)
  }

  /** Calls it once when one of the servers is lost, or has been. */
  watch(lost: (error: Error) => void): void {
    for (const link of this.all) link.watch(lost)
  }

  /** Gives all up because of this; `lost` is told. */
  fail(error: Error): void {
    this.all[0]?.fail(error)
  }

  of(topic: string): Link {
    return (this.isCluster ? this.#bySlot[slotOf(topic)] : this.all[0]) as Link
  }

  /** The sequence of the publication before, while it is not known what became of it; else ''. */
  begin(topic: string, sequence: number): string {
    const before = this.#underway.get(topic)
    this.#underway.set(topic, { sequence, count: (before?.count ?? 0) + 1 })
    return before === undefined ? '' : String(before.sequence)
  }

  settle(topic: string): void {
    const underway = this.#underway.get(topic)
    if (underway !== undefined && --underway.count === 0) this.#underway.delete(topic)
  }

  get isIdle(): boolean {
    return this.#underway.size === 0
  }

  async drain(): Promise<void> {
    await Promise.all(this.all.map(link => link.drain()))
  }

  end(): void {
    for (const link of this.all) link.end()
  }
}

/** The first that answers. */
async function openSeed(driver: Driver, options: ResolvedRedis, closing: AbortSignal): Promise<[Address, Link]> {
  let failure: unknown
  for (const seed of options.seeds) {
    const link = new Link(driver, seed, options)
    try {
      await link.open(options, closing)
      return [seed, link]
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}

async function openCluster(
  driver: Driver,
  options: ResolvedRedis,
  closing: AbortSignal,
  seed: Address,
  ranges: readonly SlotRange[],
): Promise<Links> {
  if (options.database !== 0) throw new BackplaneError('a Redis Cluster has no databases: leave it out of the URL')
  const byPlace = new Map<string, Link>()
  const bySlot: Link[] = new Array(SLOTS)
  for (const [from, to, [host, port]] of ranges) {
    // A node that does not know its own name means the one that was asked.
    const address = { host: host === null || host.length === 0 ? seed.host : String(host), port, path: undefined }
    const place = `${address.host}:${address.port}`
    const link = byPlace.get(place) ?? new Link(driver, address, options)
    byPlace.set(place, link)
    bySlot.fill(link, from, to + 1)
  }
  const all = [...byPlace.values()]
  try {
    if (bySlot.includes(undefined as never)) throw new BackplaneError('the Redis Cluster has slots that nobody serves')
    await Promise.all(all.map(link => link.open(options, closing)))
  } catch (error) {
    for (const link of all) link.end()
    throw error
  }
  return new Links(all, bySlot)
}
