/** `hotline verify --list`: the cases by name, without running any. */
import type { Colors } from '../colors.ts'
import { type Case, type Family, type Role, rolesOf } from './case.ts'

/** `both` says for whom a case is when it is not for servers and clients alike. */
export function list(
  chosen: readonly Case[],
  families: readonly Family[],
  role: Role | 'both',
  colors: Colors,
): string {
  const shown = families.flatMap(({ number, title, cases }) => {
    const own = cases.filter(of => chosen.includes(of))
    if (own.length === 0) return []
    const count = `${own.length} case${own.length === 1 ? '' : 's'}`
    return [colors.bold(`${number} ${title}`) + colors.dim(`, ${count}`), ...own.map(of => line(of, role, colors))]
  })
  return `${[...shown, `${chosen.length} cases`].join('\n')}\n`
}

function line(of: Case, role: Role | 'both', colors: Colors): string {
  const [only, ...others] = rolesOf(of)
  const whom = role === 'both' && others.length === 0 ? `; ${only}s only` : ''
  return `${of.id.padEnd(9)} ${of.title} ${colors.dim(`(${of.clause}${whom})`)}`
}
