/** What was played, as rows of a table. */
import { boundOf } from './scenes.mjs'

export const head = `| readers | fast: age in ms, p50, p99, max | slow: age in ms | at most | passed over | closed | RSS in MiB, over time |
|---|---|---|---|---|---|---|`

/** @param {import('./main.mjs').Played} played */
export function row(played) {
  const { name, quick, late, passedOver, disconnected, rss, pace } = played
  const memory = rss.filter((_, at) => at % 5 === 4).map(bytes => Math.round(bytes / 1_048_576))
  const cells = [
    name,
    told(quick),
    told(late),
    pace > 0 ? boundOf(played) : '–',
    passedOver,
    disconnected,
    memory.join(' '),
  ]
  return `| ${cells.join(' | ')} |`
}

/** @param {import('./readers.mjs').Ages} ages */
const told = ({ read, p50, p99, max }) => (read === 0 ? '–' : `${p50}, ${p99}, ${max}`)
