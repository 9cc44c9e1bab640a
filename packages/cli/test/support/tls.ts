/** Certificates in files, as a person would name them. */
import { certificate } from '../../../hotline/test/support/certificate.ts'
import { file } from './files.ts'

/** A certificate for 127.0.0.1 and its key; the certificate is its own authority. */
export async function certificateFiles(): Promise<{ cert: string; key: string }> {
  const { cert, key } = await certificate()
  return { cert: file('cert.pem', cert), key: file('key.pem', key) }
}
