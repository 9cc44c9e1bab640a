import type { App } from '../app.ts'
// excerpt
export function createApp(): App {
  return { routes: { '/chat': { topics: true } } }
}
// end of excerpt
