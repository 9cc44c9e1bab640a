/** `npm run fuzz`: puts the fuzzer and the sources that it tries into one file, and starts it. */
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.mjs'
import { prove } from './prove.mjs'

const args = process.argv.slice(2)
const corpus = fileURLToPath(new URL('corpus', import.meta.url))

if (args[0] === '--prove') process.exitCode = await prove(...args.slice(1))
else {
  const { main } = await import(await bundle())
  process.exitCode = await main(args, corpus)
}
