/** A conversation by hand: each typed line is a message, and a line that begins with / is a command. */
import { type ClientSocket, ClosedError } from 'hotline/client'
import { readBytes } from '../files.ts'
import { hex } from '../values.ts'
import type { Printer } from './printer.ts'
import type { Terminal } from './terminal.ts'

interface Command {
  readonly usage: string
  readonly help: string
  run(session: Session, argument: string): unknown
}

const COMMANDS: Readonly<Record<string, Command>> = {
  '/ping': {
    usage: '/ping',
    help: 'measure the round-trip time',
    run: async ({ socket, printer }) => printer.pong(await socket.ping()),
  },
  '/binary': {
    usage: '/binary 00 ff 7a',
    help: 'send bytes',
    run: ({ socket }, argument) => socket.send(hex(argument)),
  },
  '/file': {
    usage: '/file photo.jpg',
    help: 'send the bytes of a file',
    run: ({ socket }, argument) => socket.send(readBytes('/file', argument)),
  },
  '/close': {
    usage: '/close 1000 bye',
    help: 'close, with a code and a reason if you like',
    run: (session, argument) => {
      const [, code, reason] = /^(\S*)\s*(.*)$/.exec(argument) ?? []
      return session.leave(code ? Number(code) : undefined, reason)
    },
  },
  '/help': {
    usage: '/help',
    help: 'show this',
    run: ({ terminal }) => terminal.note(HELP),
  },
}

const HELP = [
  ...Object.values(COMMANDS).map(({ usage, help }) => `${usage.padEnd(18)}${help}`),
  `${'//text'.padEnd(18)}send /text`,
  `${'Ctrl-D'.padEnd(18)}close and leave`,
].join('\n')

/** The commands that a line may become. */
export const completions = (line: string): string[] => Object.keys(COMMANDS).filter(name => name.startsWith(line))

export class Session {
  readonly socket: ClientSocket
  readonly terminal: Terminal
  readonly printer: Printer
  #ours = false

  constructor(socket: ClientSocket, terminal: Terminal, printer: Printer) {
    this.socket = socket
    this.terminal = terminal
    this.printer = printer
  }

  /** Returns when the line is closed: true when the person closed it. */
  async run(): Promise<boolean> {
    await Promise.all([this.#receive(), this.#type()])
    return this.#ours
  }

  /** Closes because the person wants to. */
  async leave(code?: number, reason?: string): Promise<void> {
    const wasOpen = this.socket.state === 'open'
    const closed = this.socket.close(code, reason)
    this.#ours ||= wasOpen
    await closed
  }

  async #receive(): Promise<void> {
    for await (const message of this.socket) await this.printer.message(message)
    this.terminal.close()
  }

  async #type(): Promise<void> {
    this.terminal.prompt()
    for await (const line of this.terminal.lines) {
      await this.#perform(line)
      this.terminal.prompt()
    }
    await this.leave()
  }

  /** What a person mistypes is told, and nothing else happens. */
  async #perform(line: string): Promise<void> {
    try {
      if (line.startsWith('//')) await this.socket.send(line.slice(1))
      else if (line.startsWith('/')) await this.#command(line)
      else if (line !== '') await this.socket.send(line)
    } catch (error) {
      if (!(error instanceof ClosedError)) this.terminal.note((error as Error).message)
    }
  }

  async #command(line: string): Promise<void> {
    const [, name = '', argument = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? []
    const known = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (known === undefined) this.terminal.note(`there is no command ${name}; /help lists them, /${name} sends it`)
    else await known.run(this, argument)
  }
}
