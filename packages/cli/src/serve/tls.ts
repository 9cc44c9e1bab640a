/** The certificate of wss://: read from files, or made for one run. */
import { createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import { generate } from 'selfsigned'
import { ExitCode, Failure } from '../exit.ts'
import { readCertificates, readParsed } from '../files.ts'

/** Both in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Reads both files; a Failure says which of them is wrong, and how. */
export function readCertificate(certFile: string, keyFile: string): Certificate {
  const [cert, certificate] = readCertificates('--tls-cert', certFile)
  const [key, privateKey] = readParsed('--tls-key', keyFile, 'a private key in PEM without a passphrase', text =>
    createPrivateKey(text),
  )
  if (!certificate.checkPrivateKey(privateKey))
    throw new Failure(ExitCode.usage, `--tls-key ${keyFile} is not the key of the certificate ${certFile}`)
  return { cert, key }
}

/** A certificate for this machine, which nobody trusts unless told to. */
export async function signCertificate(host: string): Promise<Certificate> {
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
