/** Builds the showcase into dist/showcase: hashed assets, nothing inline, and the client of the notes as it stands. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { excerpts } from './excerpts.mjs'

const root = fileURLToPath(new URL('src/showcase', import.meta.url))
const client = readFileSync(`${root}/seed-client.txt`, 'utf8')

export default defineConfig({
  root,
  publicDir: false,
  build: {
    outDir: '../../dist/showcase',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2022',
    rolldownOptions: { input: ['index', 'events', 'frame', '404', 'left-out'].map(name => `${root}/${name}.html`) },
  },
  plugins: [seedClient(), excerpts(fileURLToPath(new URL('../../examples', import.meta.url)))],
})

/** Puts the client into the page, so that it is there at the first paint, and beside it, for the server. */
function seedClient(): Plugin {
  return {
    name: 'seed-client',
    transformIndexHtml: html =>
      html.replace('<!-- the client -->', () => highlighted(client)).replace(/ *<!-- biome-ignore .*-->\n/g, ''),
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'seed-client.txt', source: client })
    },
  }
}

/** The same text with its comments, strings and keywords marked. */
function highlighted(script: string): string {
  const tokens = /(?<comment>\/\/[^\n]*)|(?<string>"[^"]*")|\b(?<keyword>const|new|function)\b/g
  return escaped(script).replace(tokens, (token, ...rest) => {
    const { comment, string } = rest.at(-1) as Record<string, string | undefined>
    if (string?.includes('://'))
      return `<span class="string">"<mark id="client-url">${string.slice(1, -1)}</mark>"</span>`
    return `<span class="${comment ? 'comment' : string ? 'string' : 'keyword'}">${token}</span>`
  })
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
