/** The numbers of the game, the same at both ends. */

/** Steps of the simulation in a second, and the milliseconds of one. */
export const TICK_RATE = 30
export const TICK = 1000 / TICK_RATE

/** Players at once, bots among them. */
export const CAPACITY = 100

/** The side of the arena in pixels, and the parts of a pixel in which positions are counted. */
export const WORLD = 2400
export const UNIT = 16
export const SIDE = WORLD * UNIT

/** Parts of a pixel in which others are told: a delta of one tick then fits a byte. */
export const GRAIN = 4

/** Pixels. */
export const SHIP_RADIUS = 20
export const SPARK_RADIUS = 8

/** How far a player sees. A page shows at most 1400 by 900, whose corners are nearer than this. */
export const SIGHT = 860
export const VIEW = { width: 1400, height: 900 } as const

/** Sparks that the arena keeps up, and how many there may be when ships have spilled theirs. */
export const SPARKS = 200
export const MAX_SPARKS = 320

/** Ticks: of a dash, until the next one, and how long a ship that was bumped cannot be robbed again. */
export const DASH = 10
export const DASH_REST = 60
export const SHAKEN = 24

/** What one bump costs at most. */
export const MAX_SPILL = 8

/** Characters of a name. */
export const MAX_NAME = 20

/** States that may be on their way to a player, and that both ends keep to take the difference from. */
export const WINDOW = 48
