/** The fuzzer and the sources of hotline as one file for Node, which reads no TypeScript by itself in version 20. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const cache = fileURLToPath(new URL('../node_modules/.cache/hotline-fuzz', import.meta.url))

/**
 * Bundles, and says where. Packages stay outside; a plugin may change a source on its way, to plant a fault.
 *
 * @param {{ name?: string, plugins?: import('vite').Plugin[] }} [options]
 */
export async function bundle({ name = 'fuzz', plugins = [] } = {}) {
  mkdirSync(cache, { recursive: true })
  await build({
    root: here,
    configFile: false,
    logLevel: 'warn',
    plugins,
    build: {
      ssr: `${here}main.ts`,
      outDir: cache,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      sourcemap: 'inline',
      rollupOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  })
  return pathToFileURL(`${cache}/${name}.mjs`).href
}
