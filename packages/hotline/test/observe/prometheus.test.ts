/** What Prometheus gets, by prom-client. */
import { AggregatorRegistry, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { METRICS } from '../../src/observe/metrics.ts'
import { register } from '../../src/observe/prometheus.ts'
import { listening } from '../server/support.ts'

const routes = { '/': { message() {} } }

test('a registry says what the server says, in seconds and bytes', async () => {
  await using it = await listening({ routes })
  const registry = new Registry()
  register(it.server, registry)
  await using socket = await openSocket(it.url)
  const [inside] = it.server.sockets
  await inside?.ping()
  const text = await registry.metrics()
  expect(text).toContain(
    '# HELP hotline_sockets Sockets that are open or closing.\n# TYPE hotline_sockets gauge\nhotline_sockets 1\n',
  )
  expect(text).toContain('hotline_handshakes_total{outcome="accepted"} 1\n')
  expect(text).toContain('hotline_round_trip_seconds_bucket{le="+Inf"} 1\n')
  expect(text).toContain('hotline_round_trip_seconds_count 1\n')
  expect(text).toContain('hotline_wire_bytes_total{direction="sent"} 6\n')
  expect(text).not.toMatch(/^hotline_backplane_up /m)
  expect(socket.state).toBe('open')
})

test('all metrics of one scrape are of one look', async () => {
  await using it = await listening({ routes })
  let looks = 0
  const registry = new Registry()
  const stats = () => {
    looks++
    return it.server.stats()
  }
  register({ stats }, registry)
  await registry.metrics()
  expect(looks).toBe(1)
  await registry.metrics()
  expect(looks).toBe(2)
})

test('the metrics of several processes are joined: counters and sockets summed, delays the longest', async () => {
  await using it = await listening({ routes })
  await using _ = await openSocket(it.url)
  const stats = it.server.stats()
  const each = [0.001, 0.5].map(async seconds => {
    const registry = new Registry()
    const ms = seconds * 1000
    register({ stats: () => ({ ...stats, loop: { mean: ms, p50: ms, p99: ms, max: ms } }) }, registry)
    return registry.getMetricsAsJSON()
  })
  const all = await AggregatorRegistry.aggregate(await Promise.all(each)).metrics()
  expect(all).toContain('hotline_sockets 2\n')
  expect(all).toContain('hotline_handshakes_total{outcome="accepted"} 2\n')
  expect(all).toContain('hotline_event_loop_delay_seconds{statistic="p99"} 0.5\n')
})

test('names are as Prometheus wants them, and OpenMetrics too', async () => {
  for (const { name, type } of METRICS) {
    expect(name).toMatch(/^hotline_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
  }
  await using it = await listening({ routes })
  const registry = new Registry<'application/openmetrics-text; version=1.0.0; charset=utf-8'>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  register(it.server, registry)
  const text = await registry.metrics()
  expect(text).toContain('# TYPE hotline_handshakes counter\nhotline_handshakes_total{outcome="accepted"} 0\n')
  expect(text.endsWith('# EOF\n')).toBe(true)
})

test('a reset of the registry leaves the figures, which are the server’s', async () => {
  await using it = await listening({ routes })
  await using _ = await openSocket(it.url)
  const registry = new Registry()
  register(it.server, registry)
  registry.resetMetrics()
  expect(await registry.metrics()).toContain('hotline_handshakes_total{outcome="accepted"} 1\n')
})
