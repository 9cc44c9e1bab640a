/** Before a package is packed: brings along the licence and the history, which are kept once, at the root. */
import { copyFileSync } from 'node:fs'

for (const file of ['LICENSE', 'CHANGELOG.md']) copyFileSync(new URL(`../${file}`, import.meta.url), file)
