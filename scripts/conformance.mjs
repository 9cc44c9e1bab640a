/** The table of docs/reference/conformance.md, made from what the comments confess: `npm run docs` writes it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const sources = new URL('../packages/hotline/src/', import.meta.url)
const page = new URL('../docs/reference/conformance.md', import.meta.url)
const [begin, end] = ['<!-- begin: made by scripts/conformance.mjs -->\n', '<!-- end -->']

/** The words, in the order of the page, with the heading and the sentence when nobody has anything to confess. */
const kinds = /** @type {const} */ ([
  ['Stricter than', 'Stricter than the standard', 'Nothing is refused that the standard allows.'],
  ['Deviation:', 'Deviations', 'There are none.'],
  ['Gap:', 'Gaps', 'Nothing that the standard demands is missing.'],
])

/** @typedef {{ kind: string, clause: string, text: string, file: string }} Note */

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, conformancePage())
  console.log('docs/reference/conformance.md is as the sources say')
}

/** The page as it is to be: its own words, and the tables of now. */
export function conformancePage() {
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(begin)
  const after = rest.slice(rest.indexOf(end))
  return `${before}${begin}${tables(notes())}${after}`
}

/**
 * What the comments of the library confess, file by file.
 * @returns {Note[]}
 */
export function notes() {
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' }).map(name => name.replaceAll('\\', '/'))
  return names
    .filter(name => name.endsWith('.ts'))
    .sort()
    .flatMap(name => notesIn(readFileSync(new URL(name, sources), 'utf8'), name))
}

/**
 * A note begins a paragraph of a comment, and ends with it.
 * @param {string} source
 * @param {string} file
 * @returns {Note[]}
 */
export function notesIn(source, file) {
  const comments = source.match(/\/\*\*[\s\S]*?\*\/|(?:^ *\/\/.*\n)+/gm) ?? []
  return comments.flatMap(comment => {
    const plain = comment.replace(/^ *(\/\*\*|\*\/|\*|\/\/) ?/gm, '').replace(/\s*\*\/$/, '')
    return plain.split(/\n\s*\n/).flatMap(paragraph => {
      const line = paragraph.trim().replaceAll(/\s*\n\s*/g, ' ')
      const kind = kinds.map(([word]) => word).find(word => line.startsWith(word))
      return kind === undefined ? [] : [noteOf(kind, line.slice(kind.length).trim(), file)]
    })
  })
}

/**
 * @param {string} kind
 * @param {string} said
 * @param {string} file
 * @returns {Note}
 */
function noteOf(kind, said, file) {
  const whole = said.replaceAll(/(RFC \d+ )?§(?=\d)/g, (_section, rfc = 'RFC 6455 ') => `${rfc}§`)
  const [clause = ''] = /RFC \d+ §[\d.]*\d|WebSockets standard(?: §[\d.]*\d)?/.exec(whole) ?? []
  if (clause === '') throw new Error(`${file}: '${kind} ${said}' names no clause`)
  const text = kind === 'Stricter than' ? whole.slice(whole.indexOf(':') + 1).trim() : whole
  return { kind, clause, text: `${text[0]?.toUpperCase()}${text.slice(1)}`, file }
}

/** @param {Note[]} all */
function tables(all) {
  return kinds
    .map(([kind, heading, none]) => {
      const rows = all
        .filter(note => note.kind === kind)
        .map(({ clause, text, file }) => `| ${clause} | ${text.replaceAll('|', '\\|')} | ${link(file)} |\n`)
      const table =
        rows.length === 0 ? `${none}\n` : `| clause | what hotline does | where |\n|---|---|---|\n${rows.join('')}`
      return `\n## ${heading}\n\n${table}`
    })
    .concat('\n')
    .join('')
}

/** @param {string} file */
function link(file) {
  return `[${file}](../../packages/hotline/src/${file})`
}
