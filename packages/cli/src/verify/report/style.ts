/** How the page of a report looks: light and dark, from a phone to a wide screen, and on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f7f9, #101418); --card: light-dark(#fff, #181e24); --line: light-dark(#dfe3e8, #2b343d);
  --ink: light-dark(#16202b, #e4e9ee); --soft: light-dark(#566473, #9aa8b6); --code: light-dark(#f0f2f5, #11171c);
  --pass: light-dark(#1a7f45, #4cc38a); --lenient: light-dark(#a66a00, #e5ac3e);
  --informational: light-dark(#2a6ebb, #6cb0f5); --strict-fail: light-dark(#c4242b, #ff6b6b);
  font: 16px/1.5 system-ui, sans-serif; background: var(--page); color: var(--ink);
}
* { box-sizing: border-box }
body { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 6rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .2rem 0; overflow-wrap: anywhere }
p { margin: .35rem 0 } .soft { color: var(--soft) } .eyebrow { font-size: .85rem; font-weight: 600; color: var(--soft) }
code, pre, .id { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: .86em }
.pass { --tone: var(--pass) } .lenient { --tone: var(--lenient) }
.informational { --tone: var(--informational) } .strict-fail { --tone: var(--strict-fail) }
.bar { display: block; width: 100%; height: .5rem; border-radius: .25rem; background: var(--line) }
.bar rect { fill: var(--tone) }
header .bar { height: .75rem; border-radius: .375rem; margin: 1rem 0 }
.tools { position: sticky; top: 0; z-index: 1; background: var(--page); padding: .75rem 0; display: flex; flex-wrap: wrap; gap: .5rem; align-items: center }
.tools button, .tools input { font: inherit; font-size: .9rem; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .7rem; min-height: 2.5rem }
.tools button { cursor: pointer } .tools button b { color: var(--tone); margin-left: .35rem; font-variant-numeric: tabular-nums }
.tools button::before, .case > summary::before { content: ''; display: inline-block; width: .6rem; height: .6rem; border-radius: 50%; background: var(--tone); margin-right: .5rem; flex: none }
.tools button[aria-pressed=true] { border-color: var(--tone); box-shadow: inset 0 0 0 1px var(--tone) }
.tools input { flex: 1 1 12rem; min-width: 0 } #shown { font-size: .9rem; color: var(--soft); min-width: 8rem; text-align: right }
:focus-visible { outline: 2px solid var(--informational); outline-offset: 2px }
summary { cursor: pointer; list-style: none } summary::-webkit-details-marker { display: none }
.family { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; margin: .6rem 0 }
.family > summary { display: grid; grid-template-columns: 1.75rem minmax(0, 1fr) minmax(6rem, 14rem) 14rem; gap: .75rem; align-items: center; padding: .7rem 1rem; border-radius: .75rem }
.family > summary .id { color: var(--soft); text-align: right } .family > summary .name { font-weight: 600 }
.counts { font-size: .85rem; color: var(--soft); text-align: right; font-variant-numeric: tabular-nums } .counts span { color: var(--tone); font-weight: 600 }
.cases { border-top: 1px solid var(--line); padding: .25rem 0 }
.case { content-visibility: auto; contain-intrinsic-size: auto 2.4rem }
.case[open] { content-visibility: visible }
.case > summary { display: flex; align-items: baseline; padding: .3rem 1rem; gap: .35rem; border-radius: .4rem }
.case > summary:hover, .family > summary:hover { background: var(--code) }
.case > summary .id { min-width: 4.5rem; color: var(--soft) } .case > summary .title { flex: 1; overflow-wrap: anywhere }
.case > summary .verdict { color: var(--tone); font-size: .85rem; font-weight: 600; white-space: nowrap }
.body { margin: .2rem 1rem 1rem; padding: .75rem 1rem; border-left: 3px solid var(--tone); background: var(--code); border-radius: 0 .5rem .5rem 0; overflow-wrap: anywhere }
.notes { margin: .4rem 0; padding-left: 1.1rem } .notes li { font-weight: 600 }
.exchange { list-style: none; margin: .75rem 0 0; padding: 0 }
.exchange li { display: grid; grid-template-columns: 5.5rem 4.5rem minmax(0, 1fr); gap: .1rem .75rem; padding: .35rem 0; border-top: 1px solid var(--line); font-size: .92rem }
.exchange .at { color: var(--soft); text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums } .exchange .from { color: var(--soft); font-weight: 600 }
.exchange .suite .from { color: var(--informational) } .exchange .peer .from { color: var(--ink) }
.exchange pre { grid-column: 3; margin: .1rem 0 0; overflow-x: auto; line-height: 1.45 } .exchange .more { color: var(--soft) }
[hidden] { display: none }
@media (max-width: 640px) {
  body { padding: 1rem .75rem 4rem } h1 { font-size: 1.2rem }
  .family > summary { grid-template-columns: 1.4rem minmax(0, 1fr) auto; gap: .25rem .5rem; padding: .6rem .75rem } .family > summary .bar { grid-column: 2 / -1; grid-row: 2 }
  .tools { gap: .4rem } .tools button { padding: .3rem .5rem; font-size: .82rem } .tools input { flex-basis: 9rem } #shown { min-width: 0 }
  .case > summary { padding: .4rem .75rem } .case > summary .id { min-width: 3.6rem } .case > summary .verdict { display: none }
  .body { margin: .2rem .5rem .75rem; padding: .6rem .7rem }
  .exchange li { grid-template-columns: auto 1fr } .exchange .at { text-align: left } .exchange .words, .exchange pre { grid-column: 1 / -1 }
}
@media print { .tools { display: none } .family, .body { break-inside: avoid } }
`
