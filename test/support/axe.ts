/** What axe-core finds wrong on a page: `expect(await faultsOf(page)).toEqual([])`. */
import axe, { type AxeResults, type RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

/** Faults that keep somebody from using the page. */
const GRAVE = ['serious', 'critical']

/**
 * Looks at the page as it stands, in light and in dark, and sets it back to light.
 *
 * @returns its serious and critical violations, each as `dark: color-contrast: .note (…)`
 */
export async function faultsOf(page: Page): Promise<string[]> {
  // By the debugger, so that the page's Content-Security-Policy stays as it is.
  const known = await page.evaluate(() => 'axe' in globalThis)
  if (!known) await page.evaluate(axe.source)
  const faults: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours that fade into each other are neither; with reduced motion they are what they will be.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    faults.push(...(await run(page)).map(fault => `${colorScheme}: ${fault}`))
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null })
  return faults
}

async function run(page: Page): Promise<string[]> {
  const options: RunOptions = { resultTypes: ['violations'] }
  const { violations } = await page.evaluate(
    given => (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(given),
    options,
  )
  return violations
    .filter(({ impact }) => GRAVE.includes(impact ?? ''))
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} (${failureSummary})`))
}
