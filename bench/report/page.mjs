/** The page of the results: docs/benchmarks/README.md, written by the benchmark alone. */
import { cells, failures, markdown, targetCells } from './table.mjs'

/** @typedef {import('../types.ts').Results} Results */

/**
 * @param {Results} results
 * @param {(server: string) => string} titleOf
 */
export function page(results, titleOf) {
  const { date, provisional, workloads } = results
  const kind = provisional ? '**Provisional**: one short round, to see that all runs. ' : ''
  return `<!-- Written by npm run bench: change bench/report/page.mjs, not this. -->
# Benchmark

${kind}Taken ${date.slice(0, 10)}. What was measured and how is said in [speed](../speed.md); the figures as data are in [results.json](results.json).

${where(results)}

Every server runs with its defaults: hotline's limits, deadlines, origin check and heartbeat are on. Only where a default would refuse or cut the workload's messages is it raised, as the head of each file in [bench/servers](../../bench/servers) says.

## Targets

The CPU time of hotline for each message (or its memory for each connection), as a ratio to another's in the same run.

${markdown(targetCells(results.targets))}

${groupsOf(workloads)
  .map(([group, members]) => section(group, members, titleOf))
  .join('\n\n')}

## Reading the tables

CPU is the time of the server's process, all of its threads, for each message: the median of the rounds, and the least and the most. Messages of a broadcast are those delivered. "core" is how busy the server kept its core, "other end" how busy the load was: where that is above 90 %, the throughput is marked ≥, as the server could do more. Latency is that of a closed loop: with many in flight it is mostly the queue before the server. "answer B" is what one answer takes on the wire, header and all.
`
}

/**
 * The groups in their order, each with its workloads.
 * @param {Results['workloads']} workloads
 */
export function groupsOf(workloads) {
  /** @type {Map<string, Results['workloads'][number][]>} */
  const groups = new Map()
  for (const workload of workloads) groups.set(workload.group, [...(groups.get(workload.group) ?? []), workload])
  return [...groups]
}

/** The file of a group's picture. */
export const pictureOf = (/** @type {string} */ group) => `${group.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`

/** @param {Results} results */
function where({ machine, versions, commit, rounds, seconds, pinned }) {
  const cores = pinned ? 'server and load each on a core of their own' : 'server and load share the cores'
  return markdown([
    ['', ''],
    ...Object.entries(machine).map(([name, value]) => [name, String(value)]),
    ['commit', commit],
    ['rounds', `${rounds}, interleaved, ${seconds} s each, after a warm-up; ${cores}`],
    [
      'versions',
      Object.entries(versions)
        .map(entry => entry.join(' '))
        .join(', '),
    ],
  ])
}

/**
 * @param {string} group
 * @param {Results['workloads']} workloads
 * @param {(server: string) => string} titleOf
 */
function section(group, workloads, titleOf) {
  const tables = workloads.map(each => {
    const parts = [`${each.title}:`, markdown(cells(each, each.rows, titleOf)), ...failures(each.rows, titleOf)]
    return parts.join('\n\n')
  })
  const heading = group[0].toUpperCase() + group.slice(1)
  const picture = workloads.some(({ rows }) => rows.some(({ toWs }) => toWs))
    ? `![${group}](${pictureOf(group)})\n\n`
    : ''
  return `## ${heading}\n\n${picture}${tables.join('\n\n')}`
}
