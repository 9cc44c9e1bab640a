/** The showcase as `npm run build` made it: its files in memory, each under the path it is asked for. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One file, ready to be sent. */
export interface Page {
  readonly body: Buffer
  readonly type: string
  /** True when its name changes with its content, so that it may be kept for ever. */
  readonly hashed: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
}

const folder = fileURLToPath(new URL('../showcase', import.meta.url))

/** Only what was there at the start is served, so no path leads anywhere else. */
export class Site {
  readonly #pages: ReadonlyMap<string, Page>
  readonly #leftOut: readonly string[]

  /** @param leftOut - paths of pages that this server does without */
  constructor(pages: ReadonlyMap<string, Page>, leftOut: readonly string[] = []) {
    this.#pages = pages
    this.#leftOut = leftOut
  }

  static async load(leftOut: readonly string[]): Promise<Site> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const names = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    const pages = new Map(await Promise.all(names.map(read)))
    const first = pages.get('/')
    if (first !== undefined) pages.set('/', { ...first, body: Buffer.from(withNotes(first.body.toString(), leftOut)) })
    return new Site(pages, leftOut)
  }

  get(path: string): Page | undefined {
    return this.#leftOut.includes(path) ? undefined : this.#pages.get(path)
  }

  /** What there is to say at a path that has no page. */
  instead(path: string): Page {
    return this.#pages.get(this.#leftOut.includes(path) ? '/left-out' : '/404') as Page
  }

  text(path: string): string {
    return this.#pages.get(path)?.body.toString('utf8') ?? ''
  }
}

async function read(file: string): Promise<[path: string, page: Page]> {
  const path = file.slice(folder.length).replaceAll(sep, '/')
  const type = TYPES[extname(file)] ?? 'application/octet-stream'
  const page = { body: await readFile(file), type, hashed: path.includes('/assets/') }
  return [addressOf(path), page]
}

/** The first page, with a note beside the pages that are left out. */
const withNotes = (html: string, leftOut: readonly string[]): string =>
  leftOut.reduce(
    (text, page) => text.replace(`<p class="left-out" data-page="${page}" hidden>`, '<p class="left-out">'),
    html,
  )

/** `/index.html` is `/`, `/chat/index.html` is `/chat`, `/events.html` is `/events`. */
const addressOf = (path: string): string => path.replace(/(\/index)?\.html$/, '') || '/'
