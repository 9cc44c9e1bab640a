/** What `connect` weighs in a page: bundled for browsers as Vite does, minified and gzipped, against a budget. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

/** Bytes of the bundle, gzipped. The promise to users is 6 KiB: docs/guide/lines.md */
const budget = 6 * 1024

/** An application of one line, so that the bundle has what `connect` needs and nothing else. */
const application = "export { connect } from 'hotline/client'"
const entry = 'virtual:application'

/** @returns {Promise<{ code: string, gzipped: number }>} */
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
  return { code, gzipped: gzipSync(code, { level: 9 }).length }
}

/** Throws when the bundle is above the budget. */
export async function checkBundle() {
  const { code, gzipped } = await bundleConnect()
  const note = `connect for browsers is ${code.length} bytes minified, ${gzipped} of ${budget} gzipped`
  if (gzipped > budget) throw new Error(`${note}\nThe budget is in scripts/bundle.mjs`)
  return note
}
