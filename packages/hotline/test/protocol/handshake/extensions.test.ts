import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ExtensionOffer,
  formatExtensions,
  negotiateExtensions,
  parseExtensions,
  type ServerExtension,
} from '../../../src/protocol/handshake/extensions.ts'
import { isToken } from '../../../src/protocol/handshake/fields.ts'
import { law } from '../support.ts'
import { watched } from './support.ts'

// RFC 6455 §9.1: the examples of the standard, and what its grammar allows.
const wellFormed: readonly (readonly [text: string, offers: readonly ExtensionOffer[]])[] = [
  ['foo', [{ name: 'foo', params: [] }]],
  [
    'foo, bar; baz=2',
    [
      { name: 'foo', params: [] },
      { name: 'bar', params: [['baz', '2']] },
    ],
  ],
  ['deflate-stream', [{ name: 'deflate-stream', params: [] }]],
  [
    'mux; max-channels=4; flow-control, deflate-stream',
    [
      {
        name: 'mux',
        params: [
          ['max-channels', '4'],
          ['flow-control', true],
        ],
      },
      { name: 'deflate-stream', params: [] },
    ],
  ],
  ['a;b="c"', [{ name: 'a', params: [['b', 'c']] }]],
  [
    'a; b="\\c\\d" ; e',
    [
      {
        name: 'a',
        params: [
          ['b', 'cd'],
          ['e', true],
        ],
      },
    ],
  ],
  [
    '  a ;\tb = c\t,  d  ',
    [
      { name: 'a', params: [['b', 'c']] },
      { name: 'd', params: [] },
    ],
  ],
  [
    'a;b;b=1;b="2"',
    [
      {
        name: 'a',
        params: [
          ['b', true],
          ['b', '1'],
          ['b', '2'],
        ],
      },
    ],
  ],
  [
    'a, a',
    [
      { name: 'a', params: [] },
      { name: 'a', params: [] },
    ],
  ],
  // RFC 9110 §5.6.1.2
  ['a,', [{ name: 'a', params: [] }]],
  [',a', [{ name: 'a', params: [] }]],
  [
    ' ,a;b ,\t, c , ',
    [
      { name: 'a', params: [['b', true]] },
      { name: 'c', params: [] },
    ],
  ],
  ['__proto__; constructor=toString', [{ name: '__proto__', params: [['constructor', 'toString']] }]],
]

const malformed: readonly string[] = [
  '',
  ' ',
  ',',
  ';',
  '=',
  '"a"',
  ' , ,',
  'a,;',
  'a;',
  'a;;b',
  'a;=b',
  'a=b',
  'a b',
  'a;b c',
  'a;b=',
  'a;b=,c',
  'a;b=c d',
  'a;b==c',
  'a;b=c=d',
  'a;b="',
  'a;b="c',
  'a;b="c\\',
  'a;b="c\\"',
  'a;b=""',
  'a;b="c d"',
  'a;b="c,d"',
  'a;b="c;d"',
  'a;b="c\\"d"',
  'a;b="c"d',
  'a;b="c""d"',
  'a;b="ä"',
  'a;"b"=c',
  'a/b',
  'ä',
  'a\0',
  'a\r\nb',
  'a;b="c\nd"',
]

describe('parseExtensions', () => {
  for (const [text, offers] of wellFormed)
    test(`reads ${JSON.stringify(text)}`, () => expect(parseExtensions(text)).toEqual(offers))

  for (const text of malformed)
    test(`refuses ${JSON.stringify(text)}`, () => expect(parseExtensions(text)).toBeUndefined())

  const token = fc.string({
    unit: fc.constantFrom(..."!#$%&'*+-.^_`|~0189azAZ"),
    minLength: 1,
    maxLength: 6,
  })
  const names = fc.oneof(token, fc.constantFrom('__proto__', 'constructor', 'permessage-deflate'))
  const offers = fc.array(
    fc.record({
      name: names,
      params: fc.array(fc.tuple(names, fc.oneof(token, fc.constant(true as const))), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  )

  test('reads whatever formatExtensions writes', () =>
    law(
      fc.property(offers, given => {
        expect(parseExtensions(formatExtensions(given))).toEqual(given)
      }),
      300,
    ))

  test('reads the same with blanks anywhere between, and with values in quotes', () =>
    law(
      fc.property(offers, fc.constantFrom('', ' ', '\t', ' \t '), (given, blank) => {
        const separated = given
          .map(({ name, params }) =>
            [
              name,
              ...params.map(([param, value]) => (value === true ? param : `${param}${blank}=${blank}"${value}"`)),
            ].join(`${blank};${blank}`),
          )
          .join(`${blank},${blank}`)
        expect(parseExtensions(blank + separated + blank)).toEqual(given)
      }),
      200,
    ))

  test('gives tokens only, or nothing, for any text', () =>
    law(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab;,="\\ \t\rä') }), text => {
        const read = parseExtensions(text)
        const tokens = (read ?? []).flatMap(({ name, params }) => [
          name,
          ...params.flat().filter(part => part !== true),
        ])
        expect(tokens.every(part => isToken(String(part)))).toBe(true)
        if (read !== undefined) expect(parseExtensions(formatExtensions(read))).toEqual(read)
      }),
      1000,
    ))

  // threats.md 4: one linear pass.
  test.each([
    ['a', ''],
    [' ', ''],
    ['a,', 'a'],
    ['a;b=c,', 'a'],
    [';b', ''],
    ['\\a', '"'],
    ['"', ''],
    [',', ''],
    ['a ', ''],
    [';b="c"', ''],
  ])('looks at each character of a long row of %j a few times at most', (part, end) => {
    for (const begin of ['', 'a', 'a;b=', 'a;b="']) {
      const whole = begin + part.repeat(10_000) + end
      const { text, looks } = watched(whole)
      parseExtensions(text)
      expect(looks()).toBeLessThan(16 * whole.length)
    }
  })
})

describe('negotiateExtensions', () => {
  const accepting = (name: string, level = '1'): ServerExtension => ({
    name,
    accept: offer =>
      offer.params.some(([param]) => param === 'no')
        ? undefined
        : { answer: { name, params: [['level', level]] }, agreed: offer.params.length },
  })
  const offersOf = (text: string) => parseExtensions(text) as ExtensionOffer[]

  test('agrees on nothing when there is nothing to agree on', () => {
    const nothing = { header: undefined, agreed: [] }
    expect(negotiateExtensions([], [accepting('a')])).toEqual(nothing)
    expect(negotiateExtensions(offersOf('a, b'), [])).toEqual(nothing)
    expect(negotiateExtensions(offersOf('b'), [accepting('a')])).toEqual(nothing)
    expect(negotiateExtensions(offersOf('a;no, a;no'), [accepting('a')])).toEqual(nothing)
  })

  test('takes the first offer of each extension that it accepts, and no second', () => {
    expect(negotiateExtensions(offersOf('a;no, a;x;y, a;z'), [accepting('a')])).toEqual({
      header: 'a; level=1',
      agreed: [{ name: 'a', agreed: 2 }],
    })
  })

  test("answers in the server's order, each extension once", () => {
    const { header, agreed } = negotiateExtensions(offersOf('c, b;x, a, b'), [accepting('a'), accepting('b', '2')])
    expect(header).toBe('a; level=1, b; level=2')
    expect(agreed.map(({ name }) => name)).toEqual(['a', 'b'])
  })

  test('does not mistake the names that objects have', () =>
    expect(negotiateExtensions(offersOf('__proto__, constructor'), [accepting('a')]).header).toBeUndefined())
})
