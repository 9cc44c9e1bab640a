/** Node processes of their own, with the built package, for what happens to a whole process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { within } from '../support/deadline.ts'

export interface ChildOptions {
  readonly arguments?: readonly string[]
  readonly flags?: readonly string[]
  /** A certificate that the process trusts. */
  readonly ca?: string
  /** Called with each line that the process prints. */
  readonly online?: (line: string) => void
}

export interface ChildResult {
  readonly lines: readonly string[]
  readonly errors: string
  readonly code: number | null
}

/** Runs a module to the end of its process. */
export async function run(code: string, options: ChildOptions = {}): Promise<ChildResult> {
  const { ca } = options
  if (ca === undefined) return finish(start(code, options, {}), options)
  const folder = await mkdtemp(join(tmpdir(), 'hotline-'))
  const file = join(folder, 'ca.pem')
  try {
    await writeFile(file, ca)
    return await finish(start(code, options, { NODE_EXTRA_CA_CERTS: file }), options)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function start(
  code: string,
  { arguments: given = [], flags = [] }: ChildOptions,
  env: NodeJS.ProcessEnv,
): ChildProcess {
  return spawn(process.execPath, [...flags, '--input-type=module', '--eval', code, ...given], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, NO_PROXY: '', HTTP_PROXY: '', HTTPS_PROXY: '', ALL_PROXY: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function finish(child: ChildProcess, { online }: ChildOptions): Promise<ChildResult> {
  const lines: string[] = []
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', text => {
    errors += text
  })
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', line => {
    lines.push(line)
    online?.(line)
  })
  try {
    const [code] = await within('the end of a process', once(child, 'close'))
    return { lines, errors, code }
  } finally {
    child.kill('SIGKILL')
  }
}
