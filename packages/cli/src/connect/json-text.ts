/** JSON laid out for reading. Only the white space changes: numbers and strings stay as they were written. RFC 8259 */
import type { Colors } from '../colors.ts'

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/** The laid out text; undefined when it is not JSON, or a lone string or number that reads as it is. */
export function layOut(text: string, colors: Colors): string | undefined {
  if (!/^\s*[{[]/.test(text) || !isJson(text)) return undefined
  const tokens = text.match(TOKEN) ?? []
  let depth = 0
  const newline = (): string => `\n${'  '.repeat(depth)}`
  const pieces = tokens.map((token, index) => {
    const next = tokens[index + 1]
    switch (token) {
      case '{':
      case '[':
        if (next === '}' || next === ']') return token
        depth++
        return token + newline()
      case '}':
      case ']':
        if (tokens[index - 1] === '{' || tokens[index - 1] === '[') return token
        depth--
        return newline() + token
      case ',':
        return token + newline()
      case ':':
        return ': '
      default:
        return paint(token, next === ':', colors)
    }
  })
  return pieces.join('')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function paint(token: string, isName: boolean, { cyan, green, yellow }: Colors): string {
  if (isName) return cyan(token)
  return token.startsWith('"') ? green(token) : yellow(token)
}
