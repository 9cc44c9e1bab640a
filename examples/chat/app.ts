import type { App } from '../app.ts'
export function createApp(): App { return { routes: { '/chat': { topics: true } } } }
