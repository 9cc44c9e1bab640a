/** Options: declared with their check and default in one table, resolved at the edge, refused by name when wrong. */
import { UsageError } from '../errors.ts'

/** How one option is checked: its default, and a test with the words for what it must be. */
export interface Rule<T> {
  readonly fallback: T
  readonly must: string
  readonly passes: (value: unknown) => boolean
}

export type Rules<T> = { readonly [K in keyof T]-?: Rule<T[K]> }

/** A size in bytes or a count, from `least` on. */
export const atLeast = (least: number, fallback: number): Rule<number> => ({
  fallback,
  must: `be a number from ${least} on`,
  passes: value => typeof value === 'number' && value >= least,
})

/** A whole number of bytes or things within bounds. */
export const between = (least: number, most: number, fallback: number): Rule<number> => ({
  fallback,
  must: `be a whole number from ${least} to ${most}`,
  passes: value => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
})

/** A time in milliseconds that timers can hold. */
export const milliseconds = (fallback: number, least = 1): Rule<number> => ({
  fallback,
  must: `be milliseconds from ${least} to 2147483647`,
  passes: value => typeof value === 'number' && value >= least && value <= 2_147_483_647,
})

export const flag = (fallback: boolean): Rule<boolean> => ({
  fallback,
  must: 'be true or false',
  passes: value => typeof value === 'boolean',
})

export const oneOf = <T extends string>(values: readonly T[], fallback: T): Rule<T> => ({
  fallback,
  must: `be ${values.map(value => `'${value}'`).join(' or ')}`,
  passes: value => values.includes(value as T),
})

/** Whatever passes the test. */
export const such = <T>(must: string, fallback: T, passes: (value: unknown) => boolean): Rule<T> => ({
  fallback,
  must,
  passes: value => value === fallback || passes(value),
})

export const optionalFunction = such<undefined | ((...args: never[]) => unknown)>(
  'be a function',
  undefined,
  value => typeof value === 'function',
)

/** Throws a UsageError for each key that the rules do not have, and for each value that does not pass. */
export function check(given: object, rules: Readonly<Record<string, Rule<never>>>, owner: string): void {
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined)
      throw new UsageError(`${owner} has no option ${name}; it has ${Object.keys(rules).join(', ')}`, name)
    if (value !== undefined && !rule.passes(value)) {
      throw new UsageError(`option ${name} of ${owner} must ${rule.must}, not ${describe(value)}`, name)
    }
  }
}

/** The given options with the defaults of the rules, or of `inherited`, for those that are missing. */
export function resolve<T extends object>(given: Partial<T>, rules: Rules<T>, inherited?: T): T {
  const resolved: Partial<T> = {}
  for (const name of Object.keys(rules) as (keyof T)[]) {
    resolved[name] = given[name] ?? inherited?.[name] ?? rules[name].fallback
  }
  return resolved as T
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 80)}'`
  return typeof value === 'object' && value !== null
    ? `an object of class ${value.constructor?.name ?? 'null'}`
    : String(value)
}
