/** Files that options name. What is wrong with one is told in one line. */
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { ExitCode, Failure } from './exit.ts'

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not',
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

/** A Failure when the file cannot be written; what is in it stays. */
export const checkWritable = (option: string, file: string): void => writeText(option, file, '', 'a')

export function writeText(option: string, file: string, text: string, flag = 'w'): void {
  try {
    writeFileSync(file, text, { flag })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such folder' : (WHY[code ?? ''] ?? message)
    throw new Failure(ExitCode.usage, `cannot write ${option} ${file}: ${why}`)
  }
}

/** For `--json`, where `-` is standard output. */
export function writeJson(file: string, value: unknown): void {
  const json = `${JSON.stringify(value, undefined, 2)}\n`
  if (file === '-') process.stdout.write(json)
  else writeText('--json', file, json)
}

/** The text of a file, and what it means; a Failure says that the file is not `what`. */
export function readParsed<T>(option: string, file: string, what: string, parse: (text: string) => T): [string, T] {
  const text = readBytes(option, file).toString('utf8')
  try {
    return [text, parse(text)]
  } catch {
    throw new Failure(ExitCode.usage, `${option} ${file} is not ${what}`)
  }
}

/** The text of a file that begins with a certificate; others may follow. */
export const readCertificates = (option: string, file: string): [text: string, first: X509Certificate] =>
  readParsed(option, file, 'a certificate in PEM', text => new X509Certificate(text))
