/** What a node has begun at a relay: what it consumes, watches and listens to. */
import type { Attendance, Consumption, Entry, Kept, TopicListener } from '../backplane.ts'
import { type Asked, own, type Packed, type Told } from './channel.ts'

/** Who is told: one of them. */
interface Ear {
  readonly listener?: TopicListener
  readonly sign?: (topic: string, entry: Entry) => void
  readonly word?: (node: string, attendance: Attendance | undefined) => void
}

interface Use extends Ear {
  readonly begin: Asked
  readonly begun: () => void
  /** What came of the next state. */
  pages: Kept[]
}

export class Uses {
  readonly #say: (item: Asked) => void
  readonly #all = new Map<number, Use>()
  #id = 0

  /** `say` drops what cannot be said now: `again` says it. */
  constructor(say: (item: Asked) => void) {
    this.#say = say
  }

  begin(make: (id: number) => Asked, ear: Ear): Consumption {
    const id = ++this.#id
    let begun = (): void => {}
    const ready = new Promise<void>(resolve => {
      begun = resolve
    })
    const begin = make(id)
    this.#all.set(id, { ...ear, begin, begun, pages: [] })
    this.#say(begin)
    const end = (): void => {
      begun()
      if (this.#all.delete(id)) this.#say(['end', id])
    }
    return { ready, end }
  }

  /** There is a relay that knows of none of them. */
  again(): void {
    for (const use of this.#all.values()) {
      use.pages = []
      this.#say(use.begin)
    }
  }

  clear(): void {
    for (const use of this.#all.values()) use.begun()
    this.#all.clear()
  }

  told(item: Told): void {
    const use = this.#all.get(item[1] as number)
    if (use === undefined) return
    switch (item[0]) {
      case 'begun':
        use.begun()
        break
      case 'page':
        for (const packed of item[2]) use.pages.push(unpack(packed))
        break
      case 'state':
        this.#state(use, item[2], item[3])
        break
      case 'kept':
        use.listener?.kept(unpack(item[2]))
        break
      case 'passed':
        use.listener?.passed({ node: item[2], sequence: item[3], body: item[4] })
        break
      case 'sign':
        use.sign?.(item[2], { node: item[3], sequence: item[4], body: item[5] })
        break
      case 'word':
        use.word?.(item[2], item[3] && own(item[3]))
        break
    }
  }

  #state(use: Use, epoch: string, offset: number): void {
    const entries = use.pages
    use.pages = []
    use.listener?.state({ epoch, offset }, entries)
    use.begun()
  }
}

const unpack = ([node, sequence, body, offset]: Packed): Kept => ({ node, sequence, body: own(body), offset })
