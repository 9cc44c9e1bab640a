/** The layers of docs/architecture.md as rules: imports point one way. */
import { entries } from './scripts/exports.mjs'

const src = '^packages/hotline/src/'

/** Tests may use what other tests use: a running command, a log of what happened. They are part of no package. */
const tests = '(^packages/cli/test/|^examples/[^/]+/test/|\\.test\\.ts$)'

/** What each layer may import inside the library, itself aside. */
const layers = {
  protocol: ['errors.ts'],
  connection: ['protocol/', 'errors.ts'],
  runtime: ['connection/', 'protocol/', 'errors.ts'],
  topics: ['errors.ts'],
  contract: ['topics/names.ts', 'errors.ts'],
  observe: ['errors.ts'],
  backplane: ['topics/', 'connection/options.ts', 'connection/deferred.ts', 'runtime/node/greeting.ts', 'errors.ts'],
  client: ['connection/', 'protocol/', 'runtime/', 'topics/', 'contract/', 'observe/', 'errors.ts'],
  server: ['connection/', 'protocol/', 'runtime/', 'topics/', 'contract/', 'observe/', 'backplane/', 'errors.ts'],
  cluster: ['backplane/', 'runtime/', 'connection/', 'errors.ts'],
  testing: ['server/', 'connection/', 'protocol/', 'runtime/', 'errors.ts'],
}

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const layerRules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `${layer}-imports`,
  comment: `${layer}/ imports itself and ${allowed.join(', ')}, nothing else of the library`,
  severity: 'error',
  from: { path: `${src}${layer}/` },
  to: { path: src, pathNot: `${src}(${[`${layer}/`, ...allowed].map(escapeDots).join('|')})` },
}))

/** The files behind the public exports of the library. */
const published = entries().flatMap(({ files }) => files.map(file => file.replace('./', '')))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    {
      name: 'errors-import-nothing',
      comment: 'errors.ts is below every layer',
      severity: 'error',
      from: { path: `${src}errors\\.ts$` },
      to: { path: '.' },
    },
    {
      name: 'node-only-in-runtime-node',
      comment: 'runtime/node/ is the only place that imports node:',
      severity: 'error',
      from: { path: src, pathNot: `${src}runtime/node/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'lines-run-in-browsers',
      comment: 'client/line/ takes the WebSocket class as an argument: nothing of Node goes to pages',
      severity: 'error',
      from: { path: `${src}client/line/` },
      to: {
        path: src,
        pathNot: `${src}(client/line/|topics/wire/|connection/deferred\\.ts|errors\\.ts)`,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'library-without-dependencies',
      comment: 'the library imports no package; what speaks to an engine imports that of its client, an optional peer',
      severity: 'error',
      from: { path: src, pathNot: `${src}backplane/(redis|nats)/` },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'public-exports-only',
      comment: 'the cli package and the examples import hotline by its exports, never by a path',
      severity: 'error',
      from: { path: '^(packages/cli|examples)/', pathNot: tests },
      to: { path: '^packages/hotline/', pathNot: `^packages/hotline/(${published.map(escapeDots).join('|')})$` },
    },
    {
      name: 'nothing-imports-cli',
      comment: 'the cli package is the top: nothing imports it',
      severity: 'error',
      from: { pathNot: ['^packages/cli/', tests] },
      to: { path: '^packages/cli/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
}

/** @param {string} path */
function escapeDots(path) {
  return path.replaceAll('.', '\\.')
}
