/** Four projects: unit (no peers), wire (real sockets, hostile peers, random input), public lane, repo (the repository itself). */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const common = { pool: 'forks', testTimeout: 10_000, hookTimeout: 30_000 } as const
/** What the undocumented lane of Node does (runtime/node/lane.ts), once more without it. */
const lane = ['packages/hotline/test/{interop,runtime/node,attack}/*{deflate,zlib}*.test.ts']
const wire = ['packages/hotline/test/{interop,attack,fuzz,cost}/**/*.test.ts', 'fuzz/*.test.ts']

export default defineConfig({
  test: {
    // Many tests wait for other processes, so two files at a time pay on two cores as well.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: ['test/support/setup.ts'],
    coverage: {
      include: ['packages/hotline/src/protocol/**/*.ts'],
      thresholds: { 100: true },
    },
    projects: [
      { test: { ...common, name: 'unit', include: ['packages/*/test/**/*.test.ts'], exclude: wire } },
      { test: { ...common, name: 'wire', include: wire, testTimeout: 30_000 } },
      { test: { ...common, name: 'public lane', include: lane, testTimeout: 30_000, env: { HOTLINE_LANE: 'public' } } },
      {
        test: {
          ...common,
          name: 'repo',
          include: ['test/**/*.test.ts', 'examples/*/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
    ],
  },
})
