/** A folder for one test file, with the files that its tests need. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'hotline-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes a file that is gone after the tests; returns its path. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
