/** What is agreed of permessage-deflate. RFC 7692 §5, §7.1 */
import type { Head, Outcome } from '../case.ts'
import { bin, echoes, family, group, refuses, send, text, txt } from './pieces.ts'

const DEFLATE = 'permessage-deflate'
const BITS = [8, 9, 10, 11, 12, 13, 14, 15]
const TAKEOVERS = ['', 'server_no_context_takeover', 'client_no_context_takeover']

/** Long enough that windows matter, and with the same words again and again. */
const PROSE = 'A line that is always open needs no greeting. '.repeat(40)

const compressed = {
  steps: [
    { do: 'message', type: 'text', payload: PROSE, compressed: true, times: 3 } as const,
    { do: 'message', type: 'binary', payload: PROSE, compressed: true } as const,
  ],
  outcomes: echoes(txt(PROSE, 3), bin(PROSE)),
}

const join = (...parts: string[]): string => [DEFLATE, ...parts.filter(Boolean)].join('; ')

const offers = (clause: string, why: string, list: readonly string[]) =>
  group(
    { roles: ['server'], clause, why },
    list.map(offer => ({ title: `the offer ${offer}`, deflate: { offer }, ...compressed })),
  )

const plain = offers('RFC 7692 §7.1', 'The offers that clients of the field make.', [
  DEFLATE,
  join('client_max_window_bits'),
  join('client_no_context_takeover', 'server_no_context_takeover'),
  `${DEFLATE}; client_max_window_bits, ${DEFLATE}`,
  `x-unknown, ${DEFLATE}`,
  `${DEFLATE};client_max_window_bits`,
  `${DEFLATE} ; client_max_window_bits`,
  join('client_max_window_bits="12"'),
])

const takeovers = offers(
  'RFC 7692 §7.1.1',
  'A context that one end keeps and the other has forgotten is a line that breaks at the second message.',
  TAKEOVERS.filter(Boolean).flatMap(takeover => [join(takeover), join(takeover, 'client_max_window_bits')]),
)

const windows = [
  offers(
    'RFC 7692 §7.1.2.1',
    'A server that agrees to a window keeps to it: the client has no more memory than that.',
    BITS.flatMap(bits => TAKEOVERS.slice(0, 2).map(takeover => join(`server_max_window_bits=${bits}`, takeover))),
  ),
  offers(
    'RFC 7692 §7.1.2.2',
    'A client says with it how much it will use, and lets the server ask for less.',
    BITS.map(bits => join(`client_max_window_bits=${bits}`)),
  ),
]

const wholly: Outcome = {
  verdict: 'lenient',
  end: { how: 'refused', statuses: [400] },
  note: 'RFC 7692 §5.1: it refuses the request for an offer that it need only decline',
}

/** A parameter with a sign of equality and no value. RFC 6455 §9.1 */
const MALFORMED = /=$/

/** What a server must not agree to; it opens without compression, or refuses. */
const declined = group(
  {
    roles: ['server'],
    clause: 'RFC 7692 §7.1',
    why: 'An offer that is wrong MUST be declined: parameters that were not checked have ended processes.',
  },
  [
    join('x-unknown'),
    join('server_max_window_bits=7'),
    join('server_max_window_bits=16'),
    join('server_max_window_bits=0'),
    join('server_max_window_bits=-9'),
    join('server_max_window_bits=09'),
    join('server_max_window_bits=10.5'),
    join('server_max_window_bits=many'),
    join('server_max_window_bits='),
    join('server_max_window_bits'),
    join('client_max_window_bits=7'),
    join('client_max_window_bits=16'),
    join('client_max_window_bits=1000000'),
    join('server_no_context_takeover=1'),
    join('client_no_context_takeover=true'),
    join('server_no_context_takeover', 'server_no_context_takeover'),
    join('server_max_window_bits=10', 'server_max_window_bits=12'),
    join('__proto__'),
    'permessage-deflat',
    'x-webkit-deflate-frame',
  ].map(offer => ({
    title: `the offer ${offer}, which must be declined`,
    request: { set: { 'Sec-WebSocket-Extensions': offer } } satisfies Head,
    steps: [send(text('Hello'))],
    outcomes: MALFORMED.test(offer)
      ? refuses(400)
      : [
          ...echoes(txt('Hello')).map(outcome => ({ ...outcome, fields: { 'Sec-WebSocket-Extensions': null } })),
          wholly,
        ],
  })),
)

/** What is no list of extensions at all MUST fail the connection. RFC 6455 §9.1 */
const malformed = group(
  {
    roles: ['server'],
    clause: 'RFC 6455 §9.1',
    why: 'What does not follow the grammar MUST fail: two readers would find two lists in it.',
  },
  [
    `${DEFLATE};`,
    ';',
    `${DEFLATE}; =8`,
    `${DEFLATE}; a="`,
    `${DEFLATE}; server_max_window_bits="1 0"`,
    'permessage deflate',
    `${DEFLATE}; a=b=c`,
    `${DEFLATE}; a b`,
    `${DEFLATE}/1`,
    `(${DEFLATE})`,
    `${DEFLATE}; ; a`,
  ].map(offer => ({
    title: `the offer ${offer}, which is no list of extensions`,
    request: { set: { 'Sec-WebSocket-Extensions': offer } } satisfies Head,
    steps: [send(text('Hello'))],
    outcomes: refuses(400),
  })),
)

const fallback = offers(
  'RFC 7692 §5.1',
  'Offers stand in the order of preference, and one that is wrong does not spoil the next.',
  [
    `${join('x-unknown')}, ${DEFLATE}`,
    `${join('server_max_window_bits=99')}, ${join('client_max_window_bits')}`,
    `${join('server_max_window_bits=9')}, ${DEFLATE}`,
  ],
)

const agreed = (clause: string, why: string, list: readonly string[]) =>
  group(
    { roles: ['client'], clause, why },
    list.map(accept => ({ title: `the answer ${join(accept)}`, deflate: { offer: DEFLATE, accept }, ...compressed })),
  )

const accepted = [
  agreed('RFC 7692 §7.1.1', 'What a server may say without having been asked, and what it may ask of the client.', [
    '',
    'server_no_context_takeover',
    'client_no_context_takeover',
    'server_no_context_takeover; client_no_context_takeover',
  ]),
  agreed(
    'RFC 7692 §7.1.2.1',
    'A server may use less than it could; the client inflates it all the same.',
    BITS.map(bits => `server_max_window_bits=${bits}`),
  ),
  agreed(
    'RFC 7692 §7.1.2.2',
    'A client keeps to the window that it was given: the server has no more memory than that.',
    BITS.map(bits => `client_max_window_bits=${bits}`),
  ),
]

export const negotiation = family(12, 'permessage-deflate: what is agreed', [
  plain,
  takeovers,
  ...windows,
  declined,
  fallback.map(draft => ({ ...draft, outcomes: [...draft.outcomes, wholly] })),
  ...accepted,
  malformed,
])
