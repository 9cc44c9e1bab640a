/** Type-checks the TypeScript of documents as a user would see it, against the built packages, in one program. */
import { resolve } from 'node:path'
import ts from 'typescript'
import { type Block, root } from './documents.ts'

/** Compiles each block as a module of its own; returns what is wrong, each with the line of the document. */
export function compile(blocks: readonly Block[]): string[] {
  const modules = new Map(blocks.map(block => [resolve(root, `${block.file}.${block.line}.ts`), block]))
  const { config } = ts.readConfigFile(resolve(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root)
  Object.assign(options, {
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  })
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  const source = (name: string) => {
    const block = modules.get(resolve(name))
    return block && block.code + block.setup
  }
  host.fileExists = name => source(name) !== undefined || fileExists(name)
  host.readFile = name => source(name) ?? readFile(name)
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const text = source(name)
    if (text === undefined) return getSourceFile(name, languageVersion, ...rest)
    return ts.createSourceFile(name, text, languageVersion)
  }
  const program = ts.createProgram([...modules.keys()], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n')
    const block = file && modules.get(resolve(file.fileName))
    if (!file) return message
    if (!block) return `${file.fileName}: ${message}`
    return `${block.file}:${block.line + 1 + file.getLineAndCharacterOfPosition(start).line}: ${message}`
  })
}
