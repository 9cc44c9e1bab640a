/** The report as a page of its own: an overview of the families, and each case with the bytes of its exchange. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import type { Family } from '../case.ts'
import type { Verdict } from '../engine/judge.ts'
import type { Result } from '../engine/result.ts'
import type { Report } from './report.ts'
import { STYLE } from './style.ts'

const VERDICTS: readonly Verdict[] = ['strict-fail', 'lenient', 'informational', 'pass']

/**
 * Everything of a peer is escaped or compressed data, which the script of the page shows as text; and the page may
 * load nothing and run nothing but that script.
 */
export function page(report: Report, families: readonly Family[]): string {
  const viewer = readFileSync(new URL('viewer.js', import.meta.url), 'utf8')
  const policy = [
    "default-src 'none'",
    `script-src ${hashed(viewer)}`,
    `style-src ${hashed(STYLE)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const { peer, name, role, date, results, chosen = results.length } = report
  const data = deflateRawSync(JSON.stringify(results), { level: 9 }).toString('base64')
  const run = results.length < chosen ? `${results.length} of ${chosen} cases` : `${results.length} cases`
  const tested = families.filter(family => of(family, results).length > 0)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>hotline verify: ${escaped(name ?? peer)}</title><style>${STYLE}</style></head>
<body>
<header>
<p class="eyebrow">hotline verify</p>
<h1>${escaped(name ?? peer)}</h1>
<p class="soft">${name === undefined ? '' : `${escaped(peer)}, a`}${name === undefined ? 'A' : ''} ${role}; ${run}, ${escaped(date.slice(0, 16).replace('T', ' '))} UTC</p>
${bar(results)}
</header>
<div class="tools" role="search">
${[...VERDICTS]
  .reverse()
  .map(verdict => button(verdict, report))
  .join('\n')}
<input id="search" type="search" placeholder="Number, words or clause" aria-label="Search the cases" aria-keyshortcuts="/">
<span id="shown" role="status"></span>
</div>
<noscript><p>The cases are shown by a script; the file of --json has them too.</p></noscript>
<main>
${tested.map(family => section(family, of(family, results))).join('\n')}
</main>
<p class="soft">Keys: / to search, j and k to go from case to case, Enter to open one.</p>
<script type="text/plain" id="results">${data}</script>
<script type="module">${viewer}</script>
</body></html>
`
}

const hashed = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const of = ({ number }: Family, results: readonly Result[]): Result[] =>
  results.filter(({ id }) => id.startsWith(`${number}.`))

const count = (verdict: Verdict, results: readonly Result[]): number =>
  results.filter(result => result.verdict === verdict).length

const button = (verdict: Verdict, { verdicts }: Report): string =>
  `<button type="button" class="${verdict}" data-verdict="${verdict}" aria-pressed="false">${verdict}<b>${verdicts[verdict]}</b></button>`

function section(family: Family, results: readonly Result[]): string {
  const counts = VERDICTS.flatMap(verdict => {
    const number = count(verdict, results)
    return number === 0 ? [] : [`<span class="${verdict}">${number}</span> ${SHORT[verdict]}`]
  })
  return `<details class="family" id="family-${family.number}"><summary><span class="id">${family.number}</span><span class="name">${escaped(family.title)}</span>${bar(results)}<span class="counts">${counts.join(', ')}</span></summary><div class="cases"></div></details>`
}

const SHORT: Readonly<Record<Verdict, string>> = {
  pass: 'pass',
  lenient: 'lenient',
  informational: 'info',
  'strict-fail': 'fail',
}

/** Best at the left. Attributes of SVG, since the policy lets no style stand in an element. */
function bar(results: readonly Result[]): string {
  let x = 0
  const parts = [...VERDICTS].reverse().flatMap(verdict => {
    const width = count(verdict, results)
    const part = `<rect class="${verdict}" x="${x}" width="${width}" height="1"/>`
    x += width
    return width === 0 ? [] : [part]
  })
  const told = VERDICTS.map(verdict => `${count(verdict, results)} ${verdict}`).join(', ')
  return `<svg class="bar" viewBox="0 0 ${Math.max(1, x)} 1" preserveAspectRatio="none" role="img" aria-label="${told}">${parts.join('')}</svg>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, character => ENTITIES[character] ?? character)
