/** How the client's commands connect: the options that they share. */
import type { Command } from 'commander'
import type { OpenOptions } from 'hotline/client'
import { readCertificates } from './files.ts'
import { collect, header } from './values.ts'

/** The options as they are typed, in a form that threads can be given. */
export interface Connecting {
  readonly header?: Readonly<Record<string, string>>
  readonly protocol?: readonly string[]
  readonly origin?: string
  readonly ca?: string
  readonly insecure?: true
}

export function withConnecting(command: Command): Command {
  return command
    .optionsGroup('How to connect:')
    .option('-H, --header <line>', "add a header such as 'Name: value'; may be repeated", header)
    .option('-p, --protocol <name>', 'offer a subprotocol; may be repeated', collect)
    .option('--origin <origin>', 'send an Origin header, as a browser does')
    .option('--ca <file>', 'trust this certificate authority, in PEM, and no other')
    .option('--insecure', 'trust any certificate; anybody on the way can read and change what is said')
}

export function openOptions({ header = {}, protocol = [], origin, ca, insecure }: Connecting): OpenOptions {
  return {
    headers: header,
    protocols: protocol,
    tls: {
      ...(ca === undefined ? {} : { ca: readCertificates('--ca', ca)[0] }),
      ...(insecure === undefined ? {} : { rejectUnauthorized: false }),
    },
    ...(origin === undefined ? {} : { origin }),
  }
}
