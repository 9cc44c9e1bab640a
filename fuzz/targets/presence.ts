/** Presence under random joins, leaves and waits: who watches knows, when it is quiet, who is there by a model. */
import type { Publication } from '../../packages/hotline/src/topics/publication.ts'
import { PLAIN } from '../../packages/hotline/src/topics/rules.ts'
import type { PresenceChange, Subscriber } from '../../packages/hotline/src/topics/subscriber.ts'
import { Topics } from '../../packages/hotline/src/topics/topics.ts'
import { Clock } from '../engine/clock.ts'
import { Draw } from '../engine/draw.ts'
import { claim, type Target } from '../engine/target.ts'
import { ModelPresence, RULES, View } from '../reference/presence.ts'

const NAMES = ['p/1', 'p/2']
const KEYS = ['a', 'b', 'c', 'd', 'e']

/** Milliseconds after which all has been told: of names, and of the number alone. */
const QUIET = 1000

class Watcher implements Subscriber {
  congested = false
  readonly views = new Map<string, View>()
  readonly #told: (change: PresenceChange) => void

  constructor(told: (change: PresenceChange) => void) {
    this.#told = told
  }

  send(_publication: Publication): void {}

  passedOver(): void {}

  disconnect(): void {}

  presence(change: PresenceChange): void {
    const view = this.views.get(change.topic)
    claim(view !== undefined, 'only who watches is told who is there')
    claim(!this.congested, 'who has enough is told later')
    const knew = view.names !== undefined
    view.change(change)
    const { join, leave } = change
    if (join !== undefined || leave !== undefined) claim(knew, 'changes are told to those who know the names', change)
    this.#told(change)
  }
}

class Run {
  readonly #draw: Draw
  readonly #clock = new Clock()
  readonly #models = new Map(NAMES.map(name => [name, new ModelPresence()]))
  readonly #watchers = Array.from({ length: 5 }, () => new Watcher(change => this.#isTrue(change)))
  readonly #topics: Topics

  constructor(draw: Draw) {
    this.#draw = draw
    this.#topics = new Topics({
      clock: this.#clock,
      random: () => 'epoch',
      failed(error) {
        throw error
      },
      rules: [['p/*', { ...PLAIN, presence: RULES }]],
    })
  }

  step(): void {
    const draw = this.#draw
    const watcher = draw.pick(this.#watchers)
    const name = draw.pick(NAMES)
    const { [draw.below(10)]: command = () => this.#enter(watcher, name) } = [
      () => this.#leave(watcher, name),
      () => this.#leave(watcher, name),
      () => this.#remove(watcher),
      () => this.#congest(watcher),
      () => this.#relieve(watcher),
      () => this.#wait(draw.pick([1, 20, 100, RULES.grace - 1, RULES.grace])),
      () => this.#quiet(),
    ]
    command()
    this.check()
  }

  /** Comes, or comes again as the same member or as another. */
  #enter(watcher: Watcher, name: string): void {
    const key = this.#draw.pick(KEYS)
    const data = this.#draw.below(3)
    const watch = this.#draw.below(4) > 0
    this.#model(name).enter(watcher, key, data, this.#clock.now())
    const { presence } = this.#topics.subscribe(watcher, name, { member: { key, data }, watch })
    claim(presence !== undefined, 'who subscribes is told who is there')
    if (watch || watcher.views.has(name)) watcher.views.set(name, new View(presence))
  }

  #leave(watcher: Watcher, name: string): void {
    watcher.views.delete(name)
    this.#model(name).leave(watcher, this.#clock.now())
    this.#topics.unsubscribe(watcher, name)
  }

  #remove(watcher: Watcher): void {
    watcher.views.clear()
    for (const name of NAMES) this.#model(name).leave(watcher, this.#clock.now())
    this.#topics.remove(watcher)
  }

  #congest(watcher: Watcher): void {
    watcher.congested = true
  }

  #relieve(watcher: Watcher): void {
    watcher.congested = false
    this.#topics.drained(watcher)
  }

  #wait(ms: number): void {
    this.#clock.advance(ms)
  }

  /** A while without a change: then everybody knows. */
  #quiet(): void {
    for (const watcher of this.#watchers) this.#relieve(watcher)
    // Those that have gone leave meanwhile, and that is told too.
    this.#wait(RULES.grace + 2 * QUIET)
    for (const { views } of this.#watchers) {
      for (const [name, view] of views) {
        const { count, names } = this.#model(name)
        claim(view.count === count, 'who watches knows how many there are', name, view.count, count)
        const known = view.names && Object.fromEntries(view.names)
        claim(isSame(known, names), 'who watches knows who is there, or that there are too many', name, known, names)
      }
    }
  }

  /** Who is told of has come, or gone. The number may be that between two steps of one operation. */
  #isTrue({ topic, join, leave }: PresenceChange): void {
    const model = this.#model(topic)
    for (const key of join?.keys() ?? []) claim(model.has(key), 'who is said to have come is there', key)
    for (const key of leave ?? [])
      claim(!model.has(key), 'who is said to have left has gone, and its grace is over', key)
  }

  check(): void {
    for (const name of NAMES) {
      const { count, names } = this.#model(name)
      const { count: real, members } = this.#topics.presence(name)
      claim(real === count, 'the count is that of the model', real, count)
      const told = members && Object.fromEntries(members as ReadonlyMap<string, number>)
      claim(isSame(told, names), 'members are told by name up to max, and not above', told, names)
    }
  }

  /** Nothing is left when all have gone and the grace is over. */
  end(): void {
    this.#quiet()
    for (const watcher of this.#watchers) this.#remove(watcher)
    this.#wait(RULES.grace + 2 * QUIET)
    claim([...this.#topics.names()].length === 0, 'no topic is left')
    claim(this.#clock.pending === 0, 'no timer is left')
  }

  /** As it is now. */
  #model(name: string): ModelPresence {
    const model = this.#models.get(name) as ModelPresence
    model.expire(this.#clock.now())
    return model
  }
}

const sorted = (names: Record<string, number> | undefined): string =>
  names === undefined ? 'too many' : JSON.stringify(Object.entries(names).sort())

const isSame = (a: Record<string, number> | undefined, b: Record<string, number> | undefined): boolean =>
  sorted(a) === sorted(b)

export const presence: Target = {
  name: 'presence',
  about: 'who is in topics under random joins, leaves and waits: a model of who is there, and of what a watcher knows',
  longest: 600,

  make: random => random.bytes(20 + random.below(400)),

  run(input) {
    const draw = new Draw(input)
    const run = new Run(draw)
    for (let left = 200; left > 0 && !draw.done; left--) run.step()
    run.end()
  },
}
