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

  constructor(pages: ReadonlyMap<string, Page>) {
    this.#pages = pages
  }

  static async load(): Promise<Site> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const names = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    return new Site(new Map(await Promise.all(names.map(read))))
  }

  get(path: string): Page | undefined {
    return this.#pages.get(path)
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

/** `/index.html` is `/`, `/chat/index.html` is `/chat`, `/events.html` is `/events`. */
const addressOf = (path: string): string => path.replace(/(\/index)?\.html$/, '') || '/'
