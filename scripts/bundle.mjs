/** What `connect` weighs in a page: bundled for browsers as Vite does, minified and compressed, against a budget. */
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'vite'

/** Bytes of the bundle, compressed by Brotli as servers do for scripts. The promise to users is 6 KiB: docs/guide/lines.md */
const budget = 6 * 1024
/** By gzip, for servers that have nothing else: what was reached, not to be lost again. docs/decisions/0016 */
const gzipBudget = 6_800

/** An application of one line, so that the bundle has what `connect` needs and nothing else. */
const application = "export { connect } from 'hotline/client'"
const entry = 'virtual:application'

/** @returns {Promise<{ code: string, brotli: number, gzipped: number }>} */
export async function bundleConnect() {
  const output = await build({
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('..', import.meta.url)),
    plugins: [
      {
        name: 'application',
        resolveId: id => (id === entry ? entry : undefined),
        load: id => (id === entry ? application : undefined),
      },
    ],
    build: { write: false, minify: 'oxc', rolldownOptions: { input: entry, preserveEntrySignatures: 'strict' } },
  })
  const [result] = /** @type {import('vite').Rolldown.RolldownOutput[]} */ ([output].flat())
  const code = result?.output[0].code ?? ''
  return { code, brotli: brotliCompressSync(code).length, gzipped: gzipSync(code, { level: 9 }).length }
}

/** Throws when the bundle is above the budget. */
export async function checkBundle() {
  const { code, brotli, gzipped } = await bundleConnect()
  const note = `connect for browsers is ${code.length} bytes minified, ${brotli} of ${budget} by Brotli, ${gzipped} of ${gzipBudget} by gzip`
  if (brotli > budget || gzipped > gzipBudget) throw new Error(`${note}\nThe budget is in scripts/bundle.mjs`)
  return note
}
