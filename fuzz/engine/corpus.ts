/** Inputs that are kept as small files: one folder for each target, each file named after what it is. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { hash } from './random.ts'

export interface Kept {
  readonly file: string
  readonly bytes: Uint8Array
}

export function readCorpus(folder: string, target: string): Kept[] {
  const place = join(folder, target)
  let names: string[]
  try {
    names = readdirSync(place).sort()
  } catch {
    return []
  }
  return names.map(name => read(join(place, name)))
}

/** One file; its folder says which target it is for. */
export const read = (file: string): Kept => ({ file, bytes: new Uint8Array(readFileSync(file)) })

export const targetOf = (file: string): string => basename(dirname(file))

/** Keeps the input of a crash under the words of its claim; the same bytes give the same name. */
export function keep(folder: string, target: string, words: string, bytes: Uint8Array): string {
  const slug = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  const file = join(folder, target, `${slug}-${hash(bytes.join()).toString(16).padStart(8, '0')}.bin`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
  return file
}
