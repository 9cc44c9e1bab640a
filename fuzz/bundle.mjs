/** The fuzzer and the sources of hotline as one file for Node, which reads no TypeScript by itself in version 20. */
import { mkdirSync, rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const cache = fileURLToPath(new URL('../node_modules/.cache/hotline-fuzz', import.meta.url))

/** @type {string[]} */
const bundles = []
process.on('exit', () => {
  for (const file of bundles) rmSync(file)
})

/**
 * Bundles, and says where: a file of this process, which goes with it. Packages stay outside; a plugin may change a source on its way, to plant a fault.
 *
 * @param {import('vite').Plugin[]} [plugins]
 */
export async function bundle(plugins = []) {
  const name = `fuzz-${process.pid}-${bundles.length}.mjs`
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
      rollupOptions: { output: { entryFileNames: name } },
    },
  })
  const file = `${cache}/${name}`
  bundles.push(file)
  return pathToFileURL(file).href
}
