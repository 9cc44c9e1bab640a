/** The source of a page, beside it: a page that lists the files, and the files as they are. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * @typedef {object} Sources
 * @property {string} from - the folder of the source
 * @property {string} to - the folder of the page, of the address `/name`
 * @property {string} name
 * @property {string} styles - the folder of the page's built assets, whose address is `assets`
 * @property {string} assets
 */

/** @param {Sources} sources */
export function writeSources({ from, to, name, styles, assets }) {
  const own = sourcesIn(from)
  const shared = sharedBy(from, own)
  copy(own, from, join(to, 'source'))
  copy(shared, root, join(to, 'source'))
  const built = readdirSync(styles).map(file => `${assets}/${file}`)
  const icon = built.find(file => file.endsWith('.svg')) ?? ''
  const sheets = built.filter(file => file.endsWith('.css'))
  writeFileSync(join(to, 'source', 'index.html'), page({ name, named: inRepository(from), own, shared, icon, sheets }))
}

/** @param {readonly string[]} files @param {string} from @param {string} to */
function copy(files, from, to) {
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    cpSync(join(from, file), join(to, file))
  }
}

/** What one reads: no tests, and no HTML, which a browser would run. @param {string} folder */
const sourcesIn = folder =>
  filesIn(folder)
    .filter(isRead)
    .sort((a, b) => depth(a) - depth(b) || a.localeCompare(b))

/** @param {string} folder */
const filesIn = folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(file => file.replaceAll('\\', '/'))
    .filter(file => !/\.test\.ts$|(^|\/)(test|node_modules)\//.test(file))

const isRead = (/** @type {string} */ file) => /\.(ts|css|md|txt)$/.test(file)

/**
 * What stands elsewhere, and without which the sources are not whole: what they import, and the styles of the pages.
 * @param {string} folder
 * @param {readonly string[]} own
 */
function sharedBy(folder, own) {
  const pages = filesIn(folder).filter(file => file.endsWith('.html'))
  const found = new Set([...own, ...pages].map(file => join(folder, file)))
  // A loop over a set comes to what is added to it meanwhile.
  for (const file of found) for (const other of namedIn(file)) found.add(other)
  const shared = [...found].filter(file => relative(folder, file).startsWith('..'))
  return shared.map(inRepository).sort()
}

/** The files that a module imports or a page links. @param {string} file */
function namedIn(file) {
  const names = readFileSync(file, 'utf8').matchAll(/\b(?:from |href=)['"](\.[^'"]+)['"]/g)
  return [...names].map(([, name = '']) => resolve(dirname(file), name)).filter(isRead)
}

/** What a file or folder is called in the repository. @param {string} path */
const inRepository = path => relative(root, path).replaceAll('\\', '/')

const depth = (/** @type {string} */ file) => file.split('/').length

/**
 * @typedef {object} Listing
 * @property {string} name
 * @property {string} named - what the folder is called in the repository
 * @property {readonly string[]} own
 * @property {readonly string[]} shared
 * @property {string} icon
 * @property {readonly string[]} sheets
 */

/** @param {Listing} listing */
const page = ({ name, named, own, shared, icon, sheets }) => `<!doctype html>
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
${list(name, own)}
      <p>What it takes from elsewhere in the repository:</p>
${list(name, shared)}
    </main>
  </body>
</html>
`

/** @param {string} name @param {readonly string[]} files */
const list = (name, files) => `      <ul class="files">
${files.map(file => `        <li><a href="/${name}/source/${file}"><code>${file}</code></a></li>`).join('\n')}
      </ul>`
