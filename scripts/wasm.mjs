/** Makes packages/hotline/src/protocol/mask-wasm.ts of mask.wat beside it: `npm run wasm`. A test compares the two. */
import { readFileSync, writeFileSync } from 'node:fs'
import wabtLoader from 'wabt'

const folder = new URL('../packages/hotline/src/protocol/', import.meta.url)
const target = new URL('mask-wasm.ts', folder)

/** The source of the module that embeds what the text compiles to. */
export async function embedded() {
  const wabt = await wabtLoader()
  const module = wabt.parseWat('mask.wat', readFileSync(new URL('mask.wat', folder), 'utf8'), { simd: true })
  const { buffer } = module.toBinary({})
  const base64 = Buffer.from(buffer).toString('base64')
  return `/** mask.wat, compiled: ${buffer.length} bytes. Made by \`npm run wasm\`; not to be edited. */\nexport const MASK_WASM =\n  '${base64}'\n`
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(target, await embedded())
