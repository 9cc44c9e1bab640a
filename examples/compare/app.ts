import type { App } from '../app.ts'

export { Feed } from './feed.ts'
export { events, poll, socket, wait } from './ways.ts'
export function createApp(): App {
  return { routes: {} }
}
