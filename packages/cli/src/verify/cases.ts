/** All cases, by family. */
import type { Case, Family } from './case.ts'
import { framing } from './families/1-framing.ts'
import { pings } from './families/2-pings.ts'
import { reservedBits } from './families/3-reserved-bits.ts'
import { opcodes } from './families/4-opcodes.ts'
import { fragments } from './families/5-fragments.ts'
import { utf8 } from './families/6-utf8.ts'
import { closing } from './families/7-closing.ts'
import { limits } from './families/8-limits.ts'
import { performance } from './families/9-performance.ts'
import { requests } from './families/10-requests.ts'
import { responses } from './families/11-answers.ts'
import { negotiation } from './families/12-negotiation.ts'
import { deflated } from './families/13-deflate.ts'

export const families: readonly Family[] = [
  framing,
  pings,
  reservedBits,
  opcodes,
  fragments,
  utf8,
  closing,
  limits,
  performance,
  requests,
  responses,
  negotiation,
  deflated,
]

export const cases: readonly Case[] = families.flatMap(({ cases }) => cases)
