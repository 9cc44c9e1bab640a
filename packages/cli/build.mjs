/** Builds the pages that `hotline serve` shows: its own into dist/showcase, and those of the applications beside them. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { excerpts } from './excerpts.mjs'
import { writeSources } from './sources.mjs'

const at = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const examples = at('../../examples')
const apps = readdirSync(examples).filter(name => existsSync(`${examples}/${name}/page/index.html`))

await build({ configFile: at('vite.config.ts'), logLevel: 'warn' })
writeSources({
  ...{ name: 'events', from: at('src/showcase'), to: at('dist/showcase/events') },
  ...{ styles: at('dist/showcase/assets'), assets: '/assets' },
})
await buildPage('status', at('src/status'), [])
for (const name of apps) {
  await buildPage(name, `${examples}/${name}/page`, [excerpts(`${examples}/${name}`)])
  await build({
    configFile: false,
    logLevel: 'warn',
    root: `${examples}/${name}`,
    ssr: { noExternal: true, external: ['hotline'] },
    build: {
      ssr: 'app.ts',
      outDir: at('dist/apps'),
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { external: /^hotline\//, output: { entryFileNames: `${name}.js` } },
    },
  })
  writeSources({
    ...{ name, from: `${examples}/${name}`, to: at(`dist/showcase/${name}`) },
    ...{ styles: at(`dist/showcase/${name}/assets`), assets: `/${name}/assets` },
  })
}

/** @param {string} name @param {string} root @param {import('vite').Plugin[]} plugins */
function buildPage(name, root, plugins) {
  return build({
    configFile: false,
    logLevel: 'warn',
    root,
    base: `/${name}/`,
    publicDir: false,
    plugins,
    // Nothing inline: the pages are served with a strict Content-Security-Policy.
    build: {
      outDir: at(`dist/showcase/${name}`),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: false,
      target: 'es2022',
    },
  })
}
