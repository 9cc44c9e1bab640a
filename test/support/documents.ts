/** The documents of the repository and the fenced blocks in them, doc comments with an `@example` included. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url)).slice(0, -1)

export type Block = {
  readonly file: string
  /** The line of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
  /** What `<!-- setup … -->` right before the block declares: names that the reader has and the example does not show. */
  readonly setup: string
}

/** Paths of all Markdown files that a user reads, from the root of the repository. */
export const pages = [
  ...list('.', name => /^[A-Z]+\.md$/.test(name)),
  ...list('docs', isPage),
  ...list('packages', name => /^[^/]+\/README\.md$/.test(name)),
  ...list('examples', name => isPage(name) && !name.includes('node_modules')),
]

/** Paths of the sources of the library, whose doc comments have examples. */
export const sources = list('packages/hotline/src', name => name.endsWith('.ts'))

export function read(file: string): string {
  return readFileSync(`${root}/${file}`, 'utf8')
}

/** The fenced blocks of a page or a source file, in order. */
export function blocks(file: string): Block[] {
  const text = file.endsWith('.ts') ? read(file).replace(/^ *\* ?/gm, '') : read(file)
  const fences =
    /(?:<!-- setup\n(?<setup>[\s\S]*?)-->\n)?^(?<indent> *)```(?<language>\S*)\n(?<code>[\s\S]*?)^\k<indent>```$/gm
  return [...text.matchAll(fences)].map(
    ({ index, 0: whole, groups: { setup = '', language = '', code = '' } = {} }) => ({
      file,
      line: text.slice(0, index + whole.indexOf('```')).split('\n').length,
      language,
      code,
      setup,
    }),
  )
}

function isPage(name: string): boolean {
  return name.endsWith('.md')
}

function list(folder: string, wanted: (name: string) => boolean): string[] {
  if (!existsSync(`${root}/${folder}`)) return []
  const names = readdirSync(`${root}/${folder}`, { recursive: folder !== '.', encoding: 'utf8' }) as string[]
  return names
    .map(name => name.replaceAll('\\', '/'))
    .filter(wanted)
    .sort()
    .map(name => (folder === '.' ? name : `${folder}/${name}`))
}
