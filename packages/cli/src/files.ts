/** Files that options name. What is wrong with one is told in one line. */
import { readFileSync } from 'node:fs'
import { ExitCode, Failure } from './exit.ts'

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
}

export function readBytes(option: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Failure(ExitCode.usage, `cannot read ${option} ${file}: ${WHY[code ?? ''] ?? message}`)
  }
}

export const readText = (option: string, file: string): string => readBytes(option, file).toString('utf8')
