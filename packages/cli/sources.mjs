/** The source of a page, beside it: a page that lists the files, and the files as they are. */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * @typedef {object} Sources
 * @property {string} from - the folder of the source
 * @property {string} named - what it is called in the repository
 * @property {string} to - the folder of the page, of the address `/name`
 * @property {string} name
 * @property {string} styles - the folder of the page's built assets, whose address is `assets`
 * @property {string} assets
 */

/** @param {Sources} sources */
export function writeSources({ from, named, to, name, styles, assets }) {
  const files = sourcesIn(from)
  for (const file of files) {
    mkdirSync(dirname(join(to, 'source', file)), { recursive: true })
    cpSync(join(from, file), join(to, 'source', file))
  }
  const built = readdirSync(styles).map(file => `${assets}/${file}`)
  const icon = built.find(file => file.endsWith('.svg')) ?? ''
  const html = page({ name, named, files, icon, sheets: built.filter(file => file.endsWith('.css')) })
  writeFileSync(join(to, 'source', 'index.html'), html)
}

/** What one reads: no tests, and no HTML, which a browser would run. @param {string} folder */
const sourcesIn = folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(file => file.replaceAll('\\', '/'))
    .filter(file => /\.(ts|css|md|txt)$/.test(file) && !/\.test\.ts$|(^|\/)(test|node_modules)\//.test(file))
    .sort((a, b) => depth(a) - depth(b) || a.localeCompare(b))

const depth = (/** @type {string} */ file) => file.split('/').length

/** @param {{ name: string, named: string, files: readonly string[], icon: string, sheets: readonly string[] }} listing */
const page = ({ name, named, files, icon, sheets }) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>The source of /${name} · hotline</title>
    <link rel="icon" href="${icon}" type="image/svg+xml">
${sheets.map(sheet => `    <link rel="stylesheet" href="${sheet}">`).join('\n')}
  </head>
  <body>
    <header class="masthead">
      <a class="brand" href="/"><img src="${icon}" alt="" width="28" height="28">hotline</a>
      <p>WebSocket for TypeScript, both ends of the line</p>
    </header>
    <main>
      <section class="intro">
        <h1>The source of <a href="/${name}">/${name}</a></h1>
        <p>In the repository it is <code>${named}</code>. The files as they are:</p>
      </section>
      <ul class="files">
${files.map(file => `        <li><a href="/${name}/source/${file}"><code>${file}</code></a></li>`).join('\n')}
      </ul>
    </main>
  </body>
</html>
`
