/** What `--workers` have of metrics and of the status page. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connect } from '../../../hotline/src/client/index.ts'
import { within } from '../../../hotline/test/support/deadline.ts'
import { Gatherings } from '../../src/serve/gathering.ts'
import { serving, untilLogged } from '../support/hotline.ts'

test('whichever worker is asked, the metrics are those of all, and the token of the log is good at each', async () => {
  await using server = await serving('--workers', '2')
  const { status } = await untilLogged(server, { msg: 'listening' })
  const http = server.url.replace('ws', 'http')
  const sockets = Array.from({ length: 6 }, () => new WebSocket(`${server.url}/echo`))
  await within('six lines', Promise.all(sockets.map(socket => once(socket, 'open'))))
  for (let asked = 0; asked < 4; asked++) {
    // A connection each, so that it is not the same worker each time.
    const response = await fetch(`${http}/metrics`, { headers: { Connection: 'close' } })
    const text = await response.text()
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('hotline_sockets 6\n')
    expect(text).toContain('hotline_handshakes_total{outcome="accepted"} 6\n')
    expect(text).toContain('hotline_backplane_up 1\n')
    expect(text).toMatch(/^process_cpu_seconds_total [\d.e-]+$/m)
  }
  const token = new URL(String(status)).hash.slice(1)
  for (let asked = 0; asked < 4; asked++) {
    await using line = connect(`${server.url}/status/line`, { token })
    expect(await line.request('status/begin')).toMatchObject({
      worker: expect.toSatisfy(one => one === 1 || one === 2),
    })
  }
  for (const socket of sockets) socket.terminate()
}, 30_000)

test('a question to nobody is answered at once, and one to some when the last of them has answered', async () => {
  const gatherings = new Gatherings()
  const told: unknown[] = []
  gatherings.begin(
    () => 0,
    figures => told.push(figures),
  )
  expect(told).toEqual([[]])
  let number = 0
  gatherings.begin(
    of => {
      number = of
      return 2
    },
    figures => told.push(figures),
  )
  gatherings.add(number, [{ a: 1 }])
  gatherings.add(number + 1, [{ b: 1 }])
  expect(told).toHaveLength(1)
  gatherings.add(number, [{ c: 1 }])
  gatherings.add(number, [{ d: 1 }])
  expect(told.slice(1)).toEqual([[[{ a: 1 }], [{ c: 1 }]]])
})
