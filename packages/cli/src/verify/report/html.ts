/** The report as a page of its own: an overview of the families, and each case with the bytes of its exchange. */
import type { Family } from '../case.ts'
import type { Result } from '../engine/result.ts'
import type { Entry } from '../engine/transcript.ts'
import type { Report } from './report.ts'

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top }
td.hex { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
details { border-top: 1px solid #8884; padding: .3rem 0 } summary { cursor: pointer }
.pass { color: #198038 } .lenient { color: #b28600 } .informational { color: #0072c3 } .strict-fail { color: #da1e28; font-weight: 600 }
`

/** Everything of a peer is escaped: the page shows what a hostile one sent. */
export function page(report: Report, families: readonly Family[]): string {
  const tested = families.filter(family => of(family, report.results).length > 0)
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>hotline verify: ${escaped(report.peer)}</title><style>${STYLE}</style>
<h1>${escaped(report.peer)}</h1>
<p>A ${report.role}, tested by <code>hotline verify</code> on ${escaped(report.date)}.</p>
<table><tr><th>Family<th>pass<th>lenient<th>informational<th>strict-fail</tr>
${tested.map(family => overview(family, report.results)).join('\n')}
</table>
${tested.map(family => section(family, report.results)).join('\n')}
</html>
`
}

const of = ({ number }: Family, results: readonly Result[]): Result[] =>
  results.filter(({ id }) => id.startsWith(`${number}.`))

function overview(family: Family, results: readonly Result[]): string {
  const counts = ['pass', 'lenient', 'informational', 'strict-fail'].map(
    verdict => of(family, results).filter(result => result.verdict === verdict).length,
  )
  const link = `<a href="#family-${family.number}">${family.number} ${escaped(family.title)}</a>`
  return `<tr><td>${link}${counts.map(count => `<td>${count}`).join('')}</tr>`
}

const section = (family: Family, results: readonly Result[]): string =>
  `<h2 id="family-${family.number}">${family.number} ${escaped(family.title)}</h2>\n${of(family, results).map(single).join('\n')}`

function single({ id, title, verdict, ending, clause, why, notes, milliseconds, exchange, omitted }: Result): string {
  const more = omitted > 0 ? `<tr><td colspan="5">and ${omitted} more</tr>` : ''
  return `<details id="case-${id}"${verdict === 'strict-fail' ? ' open' : ''}>
<summary><b>${id}</b> ${escaped(title)} <span class="${verdict}">${verdict}</span></summary>
<p>${escaped(why)} <i>${escaped(clause)}</i>. It took ${milliseconds} ms; the end: ${ending}.</p>
${notes.length === 0 ? '' : `<ul>${notes.map(note => `<li>${escaped(note)}`).join('')}</ul>`}
<table><tr><th>ms<th>from<th>in words<th>bytes<th>in hex</tr>${exchange.map(entryRow).join('')}${more}</table>
</details>`
}

function entryRow({ at, from, words, size, hex }: Entry): string {
  const shown = hex.replace(/../g, '$& ').trim() + (hex.length < 2 * size ? ' …' : '')
  return `<tr><td>${at}<td>${from}<td>${escaped(words)}<td>${size || ''}<td class="hex">${shown}</tr>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, character => ENTITIES[character] ?? character)
