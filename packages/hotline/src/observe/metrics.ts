/** The figures of a server as Prometheus knows figures: names, units and labels. */
import type { Histogram } from './histogram.ts'
import type { ServerStats } from './stats.ts'

type Labels = Readonly<Record<string, string | number>>

/** One number of a metric, by what it is told apart. */
export interface Value {
  readonly labels: Labels
  readonly value: number
  /** Where it is not that of the metric. */
  readonly metricName?: string
}

/** One metric. Labels have few values, whatever peers send: no name of a topic or address is one. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Of several processes: what their numbers come to together. */
  readonly together: 'sum' | 'max' | 'min'
  values(stats: ServerStats): readonly Value[]
}

/** A number without labels, or one for each value of one label. */
type Reading = number | undefined | readonly [label: string, values: Readonly<Record<string, number | undefined>>]

function read(reading: Reading): readonly Value[] {
  if (reading === undefined) return []
  if (typeof reading === 'number') return [{ labels: {}, value: reading }]
  const [label, values] = reading
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : { labels: { [label]: name }, value },
  )
}

const counter = (name: string, help: string, of: (stats: ServerStats) => Reading): Metric => ({
  ...{ name, help, type: 'counter', together: 'sum' },
  values: stats => read(of(stats)),
})

const gauge = (
  name: string,
  help: string,
  of: (stats: ServerStats) => Reading,
  together: Metric['together'] = 'sum',
): Metric => ({ ...{ name, help, type: 'gauge', together }, values: stats => read(of(stats)) })

const seconds = (ms: number): number => ms / 1000

/** As Prometheus wants them: each class counts those below it too, and the last one all. */
function buckets(name: string, { bounds, counts, sum, count }: Histogram): readonly Value[] {
  let below = 0
  const classes = counts.map((inside, at) => {
    below += inside
    const bound = bounds[at]
    return { metricName: `${name}_bucket`, labels: { le: bound === undefined ? '+Inf' : seconds(bound) }, value: below }
  })
  return [
    ...classes,
    { metricName: `${name}_sum`, labels: {}, value: seconds(sum) },
    { metricName: `${name}_count`, labels: {}, value: count },
  ]
}

const ROUND_TRIPS = 'hotline_round_trip_seconds'

/** All of them. docs/guide/observing.md has the same table. */
export const METRICS: readonly Metric[] = [
  gauge('hotline_sockets', 'Sockets that are open or closing.', ({ sockets }) => sockets.open),
  gauge('hotline_sockets_slow', 'Open sockets for whose peer more than highMark waits.', ({ sockets }) => sockets.slow),
  gauge('hotline_sockets_paused', 'Open sockets whose reading waits for the application.', s => s.sockets.paused),
  counter('hotline_handshakes_total', 'Opening handshakes by how they ended.', s => ['outcome', s.handshakes]),
  gauge('hotline_handshakes_deciding', 'Opening handshakes that authorize still works on.', s => s.deciding),
  counter('hotline_messages_total', 'Whole messages.', s => ['direction', { ...s.messages }]),
  counter('hotline_wire_bytes_total', 'Bytes of frames on the wire.', s => ['direction', { ...s.bytes }]),
  {
    ...counter(
      'hotline_compressed_bytes_total',
      'Bytes of compressed messages, plain and on the wire.',
      () => undefined,
    ),
    values: ({ compressed }) =>
      (['received', 'sent'] as const).flatMap(direction =>
        (['plain', 'wire'] as const).map(form => ({ labels: { direction, form }, value: compressed[direction][form] })),
      ),
  },
  gauge('hotline_queued_bytes', 'Bytes that wait for all peers together.', ({ queued }) => queued.bytes),
  gauge('hotline_queued_bytes_max', 'Bytes that wait for the slowest peer.', ({ queued }) => queued.most, 'max'),
  gauge('hotline_queued_publications', 'Publications that wait, counted for each reader.', s => s.queued.publications),
  counter('hotline_drops_total', 'Publications passed over, and readers disconnected, by policy.', s => [
    'policy',
    s.drops,
  ]),
  counter('hotline_closes_total', 'Sockets that have ended, by close code.', s => ['code', s.closes]),
  counter('hotline_limits_total', 'Limits that were passed, by the option that sets them.', s => ['limit', s.limits]),
  counter('hotline_errors_total', 'Errors that code of the application threw, by phase.', s => ['phase', s.errors]),
  {
    ...{ name: ROUND_TRIPS, type: 'histogram', together: 'sum', help: 'Times from a ping to its pong.' },
    values: ({ roundTrips }) => buckets(ROUND_TRIPS, roundTrips),
  },
  gauge(
    'hotline_event_loop_delay_seconds',
    'How late the process comes to what is due, over the last 30 to 60 seconds.',
    ({ loop }) => loop && ['statistic', mapped(loop, seconds)],
    'max',
  ),
  gauge('hotline_topics', 'Topics that somebody or something is in.', ({ topics }) => topics.count),
  gauge('hotline_subscriptions', 'Subscriptions to topics by name.', ({ topics }) => topics.subscriptions),
  counter('hotline_publications_total', 'Publications in topics.', ({ topics }) => topics.published),
  counter('hotline_deliveries_total', 'Publications sent, counted for each reader.', ({ topics }) => topics.delivered),
  gauge('hotline_history_bytes', 'Bytes of all histories.', ({ topics }) => topics.historyBytes),
  gauge('hotline_draining', '1 from the call of close on.', ({ draining }) => Number(draining), 'max'),
  gauge('hotline_uptime_seconds', 'Since the server was made.', ({ uptime }) => seconds(uptime), 'min'),
  gauge(
    'hotline_backplane_up',
    '1 while the backplane is there.',
    ({ backplane }) => backplane && +backplane.up,
    'min',
  ),
  counter('hotline_backplane_downs_total', 'How often the backplane was lost.', ({ backplane }) => backplane?.downs),
  gauge(
    'hotline_backplane_pending',
    'Publications of this server that are not stored yet.',
    ({ backplane }) => backplane?.pending,
  ),
  gauge(
    'hotline_backplane_lag_seconds',
    'From publish to where it is delivered on this server: of the last that came back, or of the oldest under way.',
    ({ backplane }) => backplane?.lag && seconds(backplane.lag),
    'max',
  ),
]

const mapped = (values: object, map: (value: number) => number): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]))
