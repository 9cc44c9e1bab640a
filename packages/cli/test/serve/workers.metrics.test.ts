/** What `--workers` have of metrics and of the status page. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connect } from '../../../hotline/src/client/index.ts'
import { within } from '../../../hotline/test/support/deadline.ts'
import { Gatherings } from '../../src/serve/crew.ts'
import type { Part, Pulse, SocketRow, SocketSheet, TopicRow } from '../../src/serve/status/wire.ts'
import { logged, type Running, serving, untilLogged } from '../support/hotline.ts'

type Serving = Running & { readonly url: string }

/** Lines, until there is one at each of two workers: the system deals them out. */
async function linesToBoth(server: Serving, path: string): Promise<WebSocket[]> {
  const sockets: WebSocket[] = []
  const opened = () => logged(server).filter(line => line['msg'] === 'opened' && line['path'] === path)
  while (new Set(opened().map(({ worker }) => worker)).size < 2) {
    const socket = new WebSocket(`${server.url}${path}`)
    await within('a line', once(socket, 'open'))
    sockets.push(socket)
    await server.err.until('the line in the log', () => opened().length === sockets.length)
  }
  return sockets
}

/** The samples of a metric in a scrape: the value by labels. */
const samplesOf = (text: string, name: string): Map<string, number> =>
  new Map(
    [...text.matchAll(new RegExp(`^${name}(?:\\{([^}]*)\\})? (\\S+)$`, 'gm'))].map(([, labels = '', value]) => [
      labels,
      Number(value),
    ]),
  )

const sum = (samples: Map<string, number>): number => [...samples.values()].reduce((all, one) => all + one, 0)

/** A connection for each scrape, so that it is not the same worker each time. */
async function scrape({ url }: Serving): Promise<string> {
  const response = await fetch(`${url.replace('ws', 'http')}/metrics`, { headers: { Connection: 'close' } })
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return response.text()
}

test('whichever worker is asked, it has the metrics of each, told apart by a label, and those of the process above them', async () => {
  await using server = await serving('--workers', '2')
  const sockets = await linesToBoth(server, '/echo')
  for (let asked = 0; asked < 4; asked++) {
    const text = await scrape(server)
    const open = samplesOf(text, 'hotline_sockets')
    expect([...open.keys()].toSorted()).toEqual(['worker="1"', 'worker="2"'])
    expect(sum(open)).toBe(sockets.length)
    for (const count of open.values()) expect(count).toBeGreaterThan(0)
    expect(text).toContain('hotline_backplane_up{worker="2"} 1\n')
    expect([...samplesOf(text, 'process_cpu_seconds_total').keys()].toSorted()).toEqual([
      ...['worker="1"', 'worker="2"', 'worker="primary"'],
    ])
  }
  const delays = samplesOf(await scrape(server), 'hotline_event_loop_delay_seconds')
  for (const worker of [1, 2]) expect([...delays.keys()]).toContain(`statistic="p99",worker="${worker}"`)
  for (const socket of sockets) socket.terminate()
}, 60_000)

test('a worker that is replaced, or does not answer, takes nothing from what the others have counted', async () => {
  await using server = await serving('--workers', '2')
  const sockets = await linesToBoth(server, '/echo')
  const accepted = async () => {
    const samples = samplesOf(await scrape(server), 'hotline_handshakes_total')
    return [1, 2].map(worker => samples.get(`outcome="accepted",worker="${worker}"`))
  }
  const [one = 0] = await accepted()
  const two = logged(server).find(line => line['msg'] === 'a worker serves' && line['worker'] === 2)
  // It stands still: the others are told of without it.
  process.kill(Number(two?.['pid']), 'SIGSTOP')
  const silent: (number | undefined)[] = []
  try {
    while (silent.length === 0) silent.push(...(await within('a scrape', accepted(), 8_000).catch(() => [])))
  } finally {
    process.kill(Number(two?.['pid']), 'SIGCONT')
  }
  expect(silent).toEqual([one, undefined])
  for (const socket of sockets) socket.terminate()
}, 60_000)

test('the status page’s line has the figures, topics and sockets of all workers, or of one, and any socket', async () => {
  await using server = await serving('--workers', '2')
  const { status } = await untilLogged(server, { msg: 'listening' })
  const sockets = await linesToBoth(server, '/rooms/shared')
  const token = new URL(String(status)).hash.slice(1)
  await using line = connect(`${server.url}/status/line`, { token })
  expect(await line.request('status/begin')).toMatchObject({ worker: expect.toSatisfy(n => n === 1 || n === 2) })
  const pulses = (await line.request('status/pulse')) as Pulse[]
  expect(pulses.map(({ worker }) => worker).toSorted()).toEqual([1, 2])
  expect(new Set(pulses.map(({ pid }) => pid)).size).toBe(2)
  expect(pulses.reduce((all, { stats }) => all + stats.sockets.open, 0)).toBe(sockets.length + 1)

  const topics = (await line.request('status/topics', { search: 'rooms/' })) as Part<TopicRow>
  expect(topics).toMatchObject({ found: 1, rows: [{ name: 'rooms/shared', subscribers: sockets.length }] })
  const found = (await line.request('status/sockets', { search: '/rooms/shared', sort: 'worker' })) as Part<SocketRow>
  expect([found.found, new Set(found.rows.map(({ worker }) => worker)).size]).toEqual([sockets.length, 2])
  for (const worker of [1, 2]) {
    const own = (await line.request('status/sockets', { search: '/rooms/shared', worker })) as Part<SocketRow>
    const [row] = own.rows
    expect(own.rows.every(one => one.worker === worker)).toBe(true)
    const here = (await line.request('status/topics', { search: 'rooms/', worker })) as Part<TopicRow>
    expect(here.rows[0]?.subscribers).toBe(own.found)
    const sheet = (await line.request('status/socket', { id: row?.id, worker })) as SocketSheet
    expect(sheet).toMatchObject({ id: row?.id, worker, path: '/rooms/shared', topics: ['rooms/shared'] })
  }
  expect(await line.request('status/socket', { id: 1e9, worker: 1 })).toBeUndefined()
  for (const socket of sockets) socket.terminate()
}, 60_000)

test('a question to nobody is answered at once, and one to some when the last of them has answered', async () => {
  const gatherings = new Gatherings()
  const told: unknown[] = []
  gatherings.begin(
    () => 0,
    said => told.push(said),
  )
  expect(told).toEqual([[]])
  let number = 0
  gatherings.begin(
    of => {
      number = of
      return 2
    },
    said => told.push(said),
  )
  gatherings.add(number, { worker: 1, value: 'a' })
  gatherings.add(number + 1, { worker: 2, value: 'b' })
  expect(told).toHaveLength(1)
  gatherings.add(number, { worker: 2, value: 'c' })
  gatherings.add(number, { worker: 1, value: 'd' })
  expect(told.slice(1)).toEqual([
    [
      { worker: 1, value: 'a' },
      { worker: 2, value: 'c' },
    ],
  ])
})
