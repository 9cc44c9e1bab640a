/** Before all tests: finds browsers, Python, Redis, NATS and proxies once, says in one line which is missing and why, and hands the answer to the tests. */
import type { TestProject } from 'vitest/node'
import { findChromium, findFirefox } from '../../scripts/browsers.mjs'
import { findPython } from '../../scripts/python.mjs'
import { findCaddy, findHaproxy, findNats, findNginx, findRedis } from '../../scripts/services.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** The paths of browsers, or undefined when the tests that need one are to be skipped. */
    chromium: string | undefined
    firefox: string | undefined
    /** A Python that has the package websockets, or undefined when the tests that need it are to be skipped. */
    python: string | undefined
    /** The paths of servers, or undefined when the tests that start one are to be skipped. */
    redis: string | undefined
    nats: string | undefined
    nginx: string | undefined
    haproxy: string | undefined
    caddy: string | undefined
  }
}

const found = {
  chromium: findChromium,
  firefox: findFirefox,
  python: findPython,
  redis: findRedis,
  nats: findNats,
  nginx: findNginx,
  haproxy: findHaproxy,
  caddy: findCaddy,
}

export default function setup(project: TestProject): void {
  for (const name of Object.keys(found) as (keyof typeof found)[]) {
    const { path, reason } = found[name]()
    if (!path && process.env['HOTLINE_REQUIRE_ALL'] === '1') throw new Error(`${name} is required here: ${reason}`)
    if (!path) console.log(`Skipping the tests with ${name}: ${reason}`)
    project.provide(name, path)
  }
}
