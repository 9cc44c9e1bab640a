/** What an attack is, and what is known of it when it is over. */
import type { Attack } from './attacker.mjs'

/** Who is attacked: `hotline serve`, a server of ws, or the client of either. */
export type Victim = 'hotline' | 'ws'

/** How large an attack is in the long form and in the short one. */
export interface Scale {
  /** Connections, or repetitions: what `permit` is multiplied with. */
  readonly count: number
  /** How long it goes on, for one that has no end of its own. */
  readonly seconds: number
}

export interface Plan {
  /** What `--only` matches and the record shows. */
  readonly name: string
  readonly title: string
  /** Lines of threats.md. */
  readonly threats: readonly number[]
  readonly full: Scale
  readonly quick: Scale
  /** Bytes that the limits let each of `count` pin, beside the 32 MiB that every attack may cost; and which limits. */
  readonly permit: { readonly each: number; readonly by: string }
  /** How lines may end, or be answered: anything else is a miss. */
  readonly outcomes: readonly string[]
  /** What is attacked by it, when it is not the server. */
  readonly side?: 'client'
  readonly tls?: boolean
  /** Needs permessage-deflate, which ws's server has off by default and gets for the comparison. */
  readonly deflate?: boolean
  /** More of the command line of `hotline serve`. */
  readonly serve?: readonly string[]
  /** Why there is nothing to compare with ws. */
  readonly only?: string
  /** For ws, which has none of the deadlines that are waited for: how long is watched. */
  readonly watched?: number
  /** The system keeps a line whose buffers are full after its peer has gone: `writeTimeout` ends it, which nobody waits for. */
  readonly lingers?: true
  /** Runs in a process of its own. */
  readonly run: (it: Attack) => Promise<void>
}

/** What the process of the attacker tells when it is done. */
export interface Spoils {
  /** How each line ended, counted: a close code, an HTTP status, `cut`, `reset`, `held`, `left`. */
  readonly outcomes: Readonly<Record<string, number>>
  /** What was seen that must never be. */
  readonly faults: readonly string[]
  /** What the attack did, in figures: `frames`, `bytes`, `flips`. */
  readonly done: Readonly<Record<string, number>>
  readonly seconds: number
}

/** What polite clients have waited, in milliseconds. */
export interface Wait {
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly echoes: number
  /** Whether all of their lines are still open. */
  readonly open: boolean
}

export interface Finding extends Spoils {
  readonly name: string
  readonly victim: Victim
  /** Bytes of the process: before, the most meanwhile, and a second after. */
  readonly memory: {
    readonly before: number
    readonly peak: number
    readonly after: number
    readonly permitted: number
  }
  readonly quiet?: Wait
  readonly during?: Wait
  /** Whether a newcomer was served when it was over. */
  readonly serves: boolean
  /** Lines that the server still counts when the attacker has gone; hotline tells them. */
  readonly left?: number
  /** Set when the process ended: its code or signal. */
  readonly ended?: string
  /** What it wrote to standard error. */
  readonly said: string
  readonly attempts: number
  /** What of the bounds was missed, in words. */
  readonly misses: readonly string[]
}

/** An attack that nobody can make yet. */
export interface Absence {
  readonly threat: number
  readonly title: string
  readonly why: string
}

export interface Results {
  readonly date: string
  readonly commit: string
  readonly machine: Readonly<Record<string, string | number>>
  readonly versions: Readonly<Record<string, string>>
  readonly form: 'long' | 'short'
  readonly pinned: boolean
  readonly files: number
  readonly seconds: number
  readonly findings: readonly Finding[]
  /** Runs of a part since then, whose findings have replaced those of the same attacks. */
  readonly again?: readonly { readonly date: string; readonly commit: string; readonly names: readonly string[] }[]
  readonly absent: readonly Absence[]
}
