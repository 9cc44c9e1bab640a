/** The server that a URL and the options name, and what stands in every request to it. */
import { ExitCode, Failure } from '../exit.ts'
import { readCertificates } from '../files.ts'
import { readUrl } from '../url.ts'
import type { Target } from './engine/dial.ts'
import type { VerifyOptions } from './options.ts'

export function targetOf(text: string, options: VerifyOptions): Target {
  const { timeout, ca, insecure } = options
  const url = urlOf(text)
  const target = { url, deadline: timeout, fields: fieldsOf(url, options) }
  // A report has the URL, and others read it.
  url.username = ''
  url.password = ''
  return {
    ...target,
    ...(ca === undefined ? {} : { ca: readCertificates('--ca', ca)[0] }),
    ...(insecure === undefined ? {} : { insecure }),
  }
}

function urlOf(text: string): URL {
  const url = readUrl(text)
  if (url !== undefined && ['ws:', 'wss:', 'http:', 'https:'].includes(url.protocol)) {
    url.protocol = url.protocol.replace('http', 'ws')
    url.hash = ''
    return url
  }
  const guess = `ws://${text}`
  const advice =
    !text.includes('://') && /[:./]/.test(text) && readUrl(guess) !== undefined ? `; did you mean ${guess}` : ''
  throw new Failure(
    ExitCode.usage,
    `${text} is no URL of a WebSocket server; it begins with ws:// or wss://${advice}${advice && '?'}`,
  )
}

/** The cases are about these. */
const THEIRS = /^(upgrade|connection|content-length|transfer-encoding|sec-websocket-.*)$/i
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

function fieldsOf(url: URL, { header = {}, protocol = [], origin }: VerifyOptions): Record<string, string> {
  const theirs = Object.keys(header).find(name => THEIRS.test(name))
  if (theirs !== undefined)
    throw new Failure(
      ExitCode.usage,
      `--header ${theirs} is what the cases are about; subprotocols have an option of their own, --protocol`,
    )
  const wrong = protocol.find(name => !TOKEN.test(name))
  if (wrong !== undefined)
    throw new Failure(ExitCode.usage, `--protocol ${wrong} is no token, such as chat or graphql-ws`)
  if (origin !== undefined && !/^[\x21-\x7e]+$/.test(origin))
    throw new Failure(ExitCode.usage, `--origin ${origin} is no origin, such as https://example.com`)
  const who = whoIs(url)
  return {
    ...(who === ':' ? {} : { Authorization: `Basic ${Buffer.from(who).toString('base64')}` }),
    ...header,
    ...(origin === undefined ? {} : { Origin: origin }),
    ...(protocol.length === 0 ? {} : { 'Sec-WebSocket-Protocol': protocol.join(', ') }),
  }
}

/** The name and the password that stand in the URL. */
function whoIs({ username, password }: URL): string {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  } catch {
    throw new Failure(ExitCode.usage, 'the name and the password in the URL are not percent-encoded UTF-8; % is %25')
  }
}
