/** What the kernel says of a process: its CPU time and its memory. Runs on Node and Bun. */
import { readFileSync } from 'node:fs'

/** /proc counts in hundredths of a second, on every Linux that this runs on: USER_HZ. proc(5) */
const TICK = 10_000

/**
 * Microseconds of CPU that a process has used, all of its threads together.
 * @param {number} pid
 */
export function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return { user: Number(fields[11]) * TICK, system: Number(fields[12]) * TICK }
}

/**
 * Bytes of a process that lie in memory.
 * @param {number} pid
 */
export function memoryOf(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}
