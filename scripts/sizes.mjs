/** The packed size of both packages against a budget, so that growth is noticed and decided. */
import { execFileSync } from 'node:child_process'

/**
 * Bytes of the packed archive. Raise one on purpose, in the commit that needs it. The library has what
 * joins nodes with it, the ends of Redis and NATS included: some 105 kB. The command has its pages with it, the ends
 * of their servers included: some 27 kB each for chat and game, 45 kB each for ticker and comparison, which have plots, and
 * 17 kB for `hotline compare`, 34 kB for the status page, which has plots too, 105 kB the sources that the pages lead to.
 */
const budget = /** @type {Record<string, number>} */ ({ hotline: 380_000, 'hotline-cli': 470_000 })

/** @typedef {{ name: string, size: number, entryCount: number }} Packed */

/** Packs without writing an archive, and compares. */
export function checkSizes() {
  const json = execFileSync('npm', ['pack', '--dry-run', '--json', '-w', 'hotline', '-w', 'hotline-cli'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const packed = /** @type {Packed[]} */ (JSON.parse(json))
  const report = packed.map(
    ({ name, size, entryCount }) => `${name} ${size} of ${budget[name]} bytes, ${entryCount} files`,
  )
  if (packed.some(({ name, size }) => size > (budget[name] ?? 0)))
    throw new Error(`${report.join('\n')}\nThe budget is in scripts/sizes.mjs`)
  return report.join('; ')
}
