/** docs/reference/whatwg.md, made of the claims and of what was found when they were run. */
import { sections } from './claims.ts'
import type { Claim, Departure, Section } from './kit.ts'

/** What the claims do not say themselves. */
export interface Facts {
  /** The version of Chromium that met the claims but for its departures. */
  readonly chromium: string
  /** The version of undici, and how many claims of each section it met. */
  readonly undici: { readonly version: string; readonly met: readonly number[] }
}

const FACTS = /<!-- facts: (.*) -->/

/** The facts that a page was made of. */
export const factsOf = (page: string): Facts => JSON.parse(FACTS.exec(page)?.[1] ?? '{}')

type Engine = 'hotline' | 'chromium'

/** The claims that an engine meets as the standard has them. */
const metBy = (engine: Engine, claims: readonly Claim[]): number =>
  claims.filter(claim => claim[engine] === undefined).length

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)

/** Text in a table or a list; what UTF-8 cannot write is replaced. */
const cell = (text: string): string =>
  text
    .replace(/[\ud800-\udfff]/gu, '\ufffd')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replaceAll('\n', ' ')

/** A value as a table shows it. */
const value = (it: unknown): string => {
  const text = JSON.stringify(it)
  return `\`${cell(text.length > 90 ? `${text.slice(0, 90)}…` : text).replaceAll('`', "'")}\``
}

function departures(engine: Engine): string {
  const rows = sections.flatMap(({ clause, claims }) =>
    claims.flatMap(claim => {
      const departure: Departure | undefined = claim[engine]
      if (departure === undefined) return []
      const cells = [
        cell(clause),
        cell(claim.claim),
        value(claim.expected),
        value(departure.expected),
        cell(departure.why),
      ]
      return [`| ${cells.join(' | ')} |\n`]
    }),
  )
  return `| clause | claim | the standard | what it does | why |\n|---|---|---|---|---|\n${rows.join('')}`
}

function figures({ undici }: Facts): string {
  const row = ({ clause, href, title, claims }: Section, i: number): string =>
    `| [${clause}](${href}) | ${title} | ${claims.length} | ${metBy('hotline', claims)} | ${metBy('chromium', claims)} | ${undici.met[i] ?? 0} |\n`
  const all = sections.flatMap(({ claims }) => claims)
  const totals = [all.length, metBy('hotline', all), metBy('chromium', all), sum(undici.met)]
  return `${sections.map(row).join('')}| all | | ${totals.join(' | ')} |\n`
}

const list = ({ title, claims }: Section): string =>
  `<details><summary>${title}: ${claims.length} claims</summary>\n\n${claims.map(({ claim }) => `- ${cell(claim)}\n`).join('')}\n</details>\n`

/** The whole page. */
export function whatwgPage(facts: Facts): string {
  return `# The WHATWG standard, clause by clause

The [WebSockets standard](https://websockets.spec.whatwg.org/) of the WHATWG, and DOM, HTML and Web IDL where they speak of this class, as claims that a program can check. \`npm test\` runs each of them on hotline's \`WebSocket\` in Node and on Chromium's own class in a page, against the same server: an expectation that no browser meets does not stand here without a word.

This page is made by \`npm run docs:whatwg\`, and a test compares it with the claims (\`packages/hotline/test/client/whatwg\`).

<!-- facts: ${JSON.stringify(facts)} -->

| clause | about | claims | hotline | Chromium ${facts.chromium.split('.')[0]} | undici ${facts.undici.version} |
|---|---|---|---|---|---|
${figures(facts)}
The columns count the claims that are met as the standard has them. undici is the class that Node 22 and later have themselves; its figures are information, and no test compares them.

## Where hotline departs

In Node there is no page, and events are made by Node's \`EventTarget\`, \`Event\` and \`MessageEvent\`. What follows from that, and what hotline adds:

${departures('hotline')}
## Where Chromium departs

Chromium ${facts.chromium}. hotline does as the standard says.

${departures('chromium')}
## What is not claimed

- Mixed content, Content Security Policy, HSTS, \`Origin\` and the \`Sec-Fetch\` fields: they are of a page and its context. A program in Node sets \`origin\` itself.
- Ports that fetch blocks: hotline connects to any port, since a program in Node can do so anyhow. Chromium fails the connection without an exception.
- "Make disappear" (§7): no document goes away in Node.
- "Flagged as full" (§3.1): what the standard leaves to the engine. hotline ends a connection whose queue passes \`maxQueued\`.
- Whether an open socket that nobody listens to is collected: the standard allows both. hotline and Chromium keep it.
- \`WebSocketStream\`, which is not in the standard.

## The claims

${sections.map(list).join('')}`
}
