/** A primary that relays, whose workers are nodes that a test drives over a socket each. Words on standard input tell it what to do. */
import cluster from 'node:cluster'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { Consumption, Entry } from '../../src/backplane/backplane.ts'
import { clusterBackplane, relay } from '../../src/cluster/index.ts'
import { BackplaneError } from '../../src/errors.ts'
import type { HistoryRules } from '../../src/topics/rules.ts'
import { type Value, wire } from './wire.ts'

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`)

if (cluster.isPrimary) primary()
else worker()

function primary(): void {
  cluster.setupPrimary({ serialization: 'advanced' })
  let relayed: ReturnType<typeof relay> | undefined
  createInterface({ input: process.stdin }).on('line', line => {
    const [word, token, port] = line.split(' ')
    if (word === 'fork') print({ forked: cluster.fork({ TOKEN: token, DRIVER: port }).process.pid, token })
    if (word === 'json') {
      cluster.setupPrimary({ serialization: 'json' })
      print({ json: true })
    }
    if (word === 'stop') {
      relayed?.close()
      print({ stopped: true })
    }
    if (word === 'start') {
      relayed = relay()
      print({ started: true })
    }
  })
  print({ running: process.pid })
}

function worker(): void {
  const backplane = clusterBackplane()
  const uses = new Map<unknown, Consumption>()
  const socket = connect(Number(process.env['DRIVER']), '127.0.0.1')
  const tell = wire(socket, value => hear(value))
  socket.on('close', () => process.exit())
  tell(['hello', process.env['TOKEN']])

  const answer = (call: unknown, promise: Promise<unknown>): void =>
    void promise.then(
      result => tell(['answer', call, result]),
      (error: Error) => tell(['failed', call, error.message, error instanceof BackplaneError ? error.kept : undefined]),
    )

  function hear([what, id, ...rest]: Value): void {
    const [topic, history, third] = rest as [string, HistoryRules | undefined, Entry]
    if (what === 'open') answer(id, backplane.open({ up: () => tell(['up']), down: () => tell(['down']) }))
    if (what === 'close') answer(id, backplane.close())
    if (what === 'publish') answer(id, backplane.publish(topic, history, third))
    if (what === 'attend') answer(id, backplane.attend(...(rest as Parameters<typeof backplane.attend>)))
    if (what === 'end') uses.get(id)?.end()
    if (['consume', 'watch', 'attendance'].includes(what)) begin(what, id, topic, history)
  }

  function begin(what: string, id: unknown, topic: string, history: HistoryRules | undefined): void {
    const use =
      what === 'consume'
        ? backplane.consume(topic, history, {
            state: (place, entries) => tell(['state', id, place, entries]),
            kept: entry => tell(['kept', id, entry]),
            passed: entry => tell(['passed', id, entry]),
          })
        : what === 'watch'
          ? backplane.watch(topic, (name, entry) => tell(['told', id, name, entry]))
          : backplane.attendance(topic, (node, attendance) => tell(['told', id, node, attendance]))
    uses.set(id, use)
    use.ready.then(() => tell(['ready', id]))
  }
}
