/** Lines of code that a page shows are those of the source, put in when it is built. */
import { readFileSync } from 'node:fs'

/**
 * Puts the lines that matter into a page: `<!-- excerpt: app.ts -->` becomes what stands between `// excerpt` and
 * `// end of excerpt` in that file, as text.
 * @param {string} folder
 * @returns {import('vite').Plugin}
 */
export function excerpts(folder) {
  return {
    name: 'excerpts',
    transformIndexHtml: html =>
      html.replace(/<!-- excerpt: ([\w./-]+) -->/g, (_, file) => escaped(excerpt(`${folder}/${file}`))),
  }
}

/** @param {string} file */
function excerpt(file) {
  const [, lines] = /^ *\/\/ excerpt\n(.*?)^ *\/\/ end of excerpt$/ms.exec(readFileSync(file, 'utf8')) ?? []
  if (lines === undefined) throw new Error(`${file} has no excerpt`)
  const indent = /^ */.exec(lines)?.[0] ?? ''
  return lines.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd()
}

const escaped = (/** @type {string} */ text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
