/** The applications of the showcase: built from examples/, each with its page, and what it adds to the server. */
import { readdir } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Routes, Server, TopicOptions } from 'hotline/server'

/** As examples/app.ts has it. */
interface App {
  readonly routes: Routes<Record<string, unknown>>
  readonly topics?: Readonly<Record<string, TopicOptions>>
  start?(server: Server): void
  request?(request: IncomingMessage, response: ServerResponse): boolean
  stop?(): void
}

const folder = new URL('../apps/', import.meta.url)

/** All applications as one. */
export type Apps = Required<App>

/** With `wanted` false there are none: they keep their state in one process. */
export async function loadApps(wanted = true): Promise<Apps> {
  const files = wanted ? (await readdir(folder)).filter(name => name.endsWith('.js')) : []
  const modules = await Promise.all(files.map(name => import(new URL(name, folder).href)))
  const apps: App[] = modules.map(({ createApp }) => createApp())
  return {
    routes: Object.assign({}, ...apps.map(({ routes }) => routes)),
    topics: Object.assign({}, ...apps.map(({ topics }) => topics)),
    start(server) {
      for (const app of apps) app.start?.(server)
    },
    request: (request, response) => {
      const answered = apps.map(app => app.request?.(request, response) ?? false)
      return answered.includes(true)
    },
    stop() {
      for (const app of apps) app.stop?.()
    },
  }
}
