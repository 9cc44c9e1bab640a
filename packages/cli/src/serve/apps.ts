/** The applications of the showcase: built from examples/, each with its page, and what it adds to the server. */
import { readdir } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Routes, Server, TopicOptions } from 'hotline/server'

/** As examples/app.ts has it. */
export interface App {
  readonly routes: Routes<Record<string, unknown>>
  readonly alone?: boolean
  readonly topics?: Readonly<Record<string, TopicOptions>>
  start?(server: Server): void
  request?(request: IncomingMessage, response: ServerResponse): boolean
  stop?(): void
}

const folder = new URL('../apps/', import.meta.url)

/** All applications as one. */
export interface Apps extends Required<Omit<App, 'alone'>> {
  /** The pages of those that are not served. */
  readonly leftOut: readonly string[]
}

/**
 * @param isJoined - the server is one of several: what keeps its state in one process is left out
 * @param more - others that are served beside them
 */
export async function loadApps(isJoined: boolean, ...more: App[]): Promise<Apps> {
  const files = (await readdir(folder)).filter(name => name.endsWith('.js'))
  const found = await Promise.all(files.map(load))
  const isLeftOut = ({ app }: Found): boolean => isJoined && app.alone === true
  const apps = [...found.filter(one => !isLeftOut(one)).map(({ app }) => app), ...more]
  return {
    leftOut: found.filter(isLeftOut).map(({ page }) => page),
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

interface Found {
  readonly page: string
  readonly app: App
}

async function load(file: string): Promise<Found> {
  const { createApp } = await import(new URL(file, folder).href)
  return { page: `/${file.slice(0, -'.js'.length)}`, app: createApp() }
}
