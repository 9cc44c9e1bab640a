/** A certificate for the workloads over TLS, in a folder that `remove` takes away. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import selfsigned from 'selfsigned'

export async function makeCertificate() {
  const pems = await selfsigned.generate([{ name: 'commonName', value: '127.0.0.1' }], { keySize: 2048 })
  const folder = mkdtempSync(join(tmpdir(), 'hotline-bench-'))
  const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') }
  writeFileSync(files.key, pems.private, { mode: 0o600 })
  writeFileSync(files.cert, pems.cert)
  return { ...files, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
