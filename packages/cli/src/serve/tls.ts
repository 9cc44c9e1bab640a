/** The certificate of wss://: read from files, or made for one run. */
import { createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import { type Command, Option } from 'commander'
import { ExitCode, Failure } from '../exit.ts'
import { readCertificates, readParsed } from '../files.ts'

/** Both in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** The options of a command that listens. */
export interface TlsOptions {
  readonly host: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsSelfSigned?: true
}

export function withTls(command: Command): Command {
  return command
    .option('--tls-cert <file>', 'certificate in PEM, with its chain: serve wss://')
    .option('--tls-key <file>', 'private key of the certificate, in PEM')
    .addOption(
      new Option('--tls-self-signed', 'serve wss:// with a certificate made for this run').conflicts([
        'tlsCert',
        'tlsKey',
      ]),
    )
}

/** Undefined when the options ask for none. */
export async function certificateOf(options: TlsOptions): Promise<Certificate | undefined> {
  const { tlsCert, tlsKey, tlsSelfSigned, host } = options
  if (tlsSelfSigned) return signCertificate(host)
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined) {
    const [given, missing] = tlsKey === undefined ? ['--tls-cert', '--tls-key'] : ['--tls-key', '--tls-cert']
    throw new Failure(ExitCode.usage, `${given} needs ${missing} beside it`)
  }
  return readCertificate(tlsCert, tlsKey)
}

/** Reads both files; a Failure says which of them is wrong, and how. */
function readCertificate(certFile: string, keyFile: string): Certificate {
  const [cert, certificate] = readCertificates('--tls-cert', certFile)
  const [key, privateKey] = readParsed('--tls-key', keyFile, 'a private key in PEM without a passphrase', text =>
    createPrivateKey(text),
  )
  if (!certificate.checkPrivateKey(privateKey))
    throw new Failure(ExitCode.usage, `--tls-key ${keyFile} is not the key of the certificate ${certFile}`)
  return { cert, key }
}

/** A certificate for this machine, which nobody trusts unless told to. */
async function signCertificate(host: string): Promise<Certificate> {
  // It is a third of what the command takes to start, and hardly anybody needs it.
  const { generate } = await import('selfsigned')
  const addresses = new Set(['127.0.0.1', '::1', ...(isIP(host) ? [host] : [])])
  const names = new Set(['localhost', ...(isIP(host) ? [] : [host])])
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...names].map(value => ({ type: 2 as const, value })),
          ...[...addresses].map(ip => ({ type: 7 as const, ip })),
        ],
      },
    ],
  })
  return { cert, key }
}
