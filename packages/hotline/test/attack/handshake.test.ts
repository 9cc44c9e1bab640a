/** Attacks before the line is open. RFC 6455 §4.2.1, §4.2.2, §10.1 */
import { describe, expect, test } from 'vitest'
import { ACCEPT, type Answer, RawClient, type RequestParts, requestText } from '../support/raw.ts'
import { dribble } from './lines.ts'
import { KIB, MIB, target, times } from './target.ts'

const it = target()

/** The answer to bytes that the server does not want, read to its end. */
async function answerTo(bytes: string | Uint8Array): Promise<Answer> {
  using client = await RawClient.connect(it.port)
  client.write(bytes)
  return await client.refusal()
}

/** Fulfilled when the server has ended what began so; the answer's status where there is one. */
async function fateOf(beginning: string, finish: boolean): Promise<number | undefined> {
  using client = await RawClient.connect(it.port)
  client.write(beginning)
  if (finish) client.socket.end()
  await client.ended()
  return await client.answer().then(
    ({ status }) => status,
    () => undefined,
  )
}

const REQUEST = requestText()
const HEAD = REQUEST.slice(0, -2)

describe('what is no HTTP', () => {
  const garbage: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ['bytes of every value', Uint8Array.from({ length: 512 }, (_, i) => (i * 167 + 13) & 255)],
    ['zeros', new Uint8Array(64 * KIB)],
    ['a TLS ClientHello', Buffer.from('16030100a5010000a10303', 'hex')],
    ['frames without a handshake', Buffer.from('81 85 37 fa 21 3d 7f 9f 4d 51 58'.replaceAll(' ', ''), 'hex')],
    ['HTTP/2 with prior knowledge', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ]
  for (const [name, bytes] of garbage)
    test(`${name} gets 400, and the connection ends`, async () => {
      await it.survives(async () => {
        expect((await answerTo(bytes)).status).toBe(400)
      })
    })
})

describe('a request that does not end', () => {
  const beginnings = [
    ['in the request line', 'GET / HT'],
    ['in a header', HEAD.slice(0, 60)],
    ['before the empty line', HEAD],
  ] as const

  for (const [name, beginning] of beginnings)
    test(`cut off ${name} by the client, is forgotten`, async () => {
      await it.survives(async () => {
        expect([400, undefined]).toContain(await fateOf(beginning, true))
      })
    })

  test('cut off anywhere without a word, ends with headersTimeout', async () => {
    await it.survives(async () => {
      const start = performance.now()
      const fates = beginnings.map(([, beginning]) => fateOf(beginning, false))
      expect(await Promise.all(fates)).toEqual([408, 408, 408])
      expect(performance.now() - start).toBeGreaterThan(1000)
    })
  })

  test('slow headers, a few bytes now and then, do not buy time beyond headersTimeout', async () => {
    await it.survives(async () => {
      using client = await RawClient.connect(it.port)
      const start = performance.now()
      client.write(HEAD)
      const slow = setInterval(() => client.write('X-Slow: 1\r\n'), 100)
      await client.ended().finally(() => clearInterval(slow))
      expect((await client.answer()).status).toBe(408)
      expect(performance.now() - start).toBeLessThan(4000)
    })
  })

  test('500 half-open handshakes at once: others are served meanwhile, then all of them are closed', async () => {
    await it.survives(
      async () => {
        const clients = await times(500, async () => {
          const client = await RawClient.connect(it.port)
          client.write(HEAD)
          return client
        })
        using served = await RawClient.open(it.port)
        served.send('81 01 41')
        await served.frames(1)
        await Promise.all(clients.map(client => client.ended()))
        for (const client of clients) client[Symbol.dispose]()
      },
      // 500 sockets of Node with their parsers, some 8 KiB each, are pooled or await collection.
      { held: 8 * MIB },
    )
  })

  test('500 requests that are never decided get 503 after acceptTimeout', async () => {
    await it.survives(
      async () => {
        const answers = await times(500, async () => {
          using client = await RawClient.ask(it.port, { path: '/undecided' })
          return (await client.refusal()).status
        })
        expect(new Set(answers)).toEqual(new Set([503]))
      },
      { held: 8 * MIB },
    )
  })
})

describe('headers without measure', () => {
  /** What the server's parser takes is 16 KiB. */
  const long = `X-Long: ${'x'.repeat(20 * KIB)}\r\n`

  test('1 MiB of them gets 431, as soon as there are too many', async () => {
    await it.survives(async () => {
      using client = await RawClient.connect(it.port)
      client.write(HEAD + long)
      expect((await client.answer()).status).toBe(431)
      for (let i = 1; i < 52 && client.socket.writable; i++) client.write(long)
      await client.ended()
    })
  })

  test('1 MiB at once costs none of it, and the 431 can be read', async () => {
    await it.survives(
      async () => {
        using client = await RawClient.connect(it.port)
        client.write(HEAD + long.repeat(52))
        expect((await client.answer()).status).toBe(431)
        await client.ended()
      },
      { peak: 24 * MIB },
    )
  })

  test('200 of them get 431', async () => {
    await it.survives(async () => {
      const many = Array.from({ length: 200 }, (_, i) => `X-${i}: 1\r\n`).join('')
      const { status, body } = await answerTo(`${HEAD}${many}\r\n`)
      expect(status).toBe(431)
      expect(body).toContain('maxHeaders')
    })
  })
})

describe('a request that is not one for this protocol', () => {
  const cases: readonly (readonly [name: string, request: RequestParts, status: number, headers?: object])[] = [
    ['version 8', { headers: { 'Sec-WebSocket-Version': '8' } }, 426, { 'sec-websocket-version': '13' }],
    [
      'a version that is no number',
      { headers: { 'Sec-WebSocket-Version': 'x13' } },
      426,
      { 'sec-websocket-version': '13' },
    ],
    ['no version', { headers: { 'Sec-WebSocket-Version': undefined } }, 400],
    ['two versions', { headers: { 'Sec-WebSocket-Version': ['13', '13'] } }, 400],
    ['a key of 15 bytes', { headers: { 'Sec-WebSocket-Key': 'AAECAwQFBgcICQoLDA0O' } }, 400],
    ['a key that is not base64', { headers: { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' } }, 400],
    ['no key', { headers: { 'Sec-WebSocket-Key': undefined } }, 400],
    ['two keys', { headers: { 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'AAAAAAAAAAAAAAAAAAAAAA=='] } }, 400],
    ['a body', { headers: { 'Content-Length': '5' } }, 400],
    ['a chunked body', { headers: { 'Transfer-Encoding': 'chunked' } }, 400],
    ['HTTP/1.0', { version: '1.0' }, 400],
    ['no Host', { headers: { Host: undefined } }, 400],
    ['two Hosts', { headers: { Host: ['127.0.0.1', 'example.com'] } }, 400],
    ['another method', { method: 'POST' }, 405],
    ['the origin of another site', { headers: { Origin: 'https://evil.example' } }, 403],
    ['the origin null', { headers: { Origin: 'null' } }, 403],
    ['an origin that only begins like ours', { headers: { Origin: 'http://127.0.0.1.evil.example' } }, 403],
    ['two origins', { headers: { Origin: ['http://127.0.0.1', 'http://127.0.0.1'] } }, 403],
  ]
  for (const [name, request, status, headers = {}] of cases)
    test(`${name}: ${status}`, async () => {
      await it.survives(async () => {
        const answer = await answerTo(`${requestText(request)}hello`)
        expect(answer).toMatchObject({ status, headers })
      })
    })
})

describe('a request that is odd, and right', () => {
  test('tokens in upper and lower case, among others: 101', async () => {
    await it.survives(async () => {
      for (const headers of [
        { Upgrade: 'WEBSOCKET', Connection: 'UPGRADE' },
        { Upgrade: 'WebSocket', Connection: 'keep-alive, uPGRADE' },
        { Upgrade: undefined, Connection: undefined, UPGRADE: 'websocket', cONNECTION: 'upgrade' },
      ]) {
        using client = await RawClient.ask(it.port, { headers })
        expect(await client.answer()).toMatchObject({ status: 101, headers: { 'sec-websocket-accept': ACCEPT } })
      }
    })
  })

  test('chopped byte by byte: 101', async () => {
    await it.survives(async () => {
      using client = await RawClient.connect(it.port)
      await dribble(client, Buffer.from(REQUEST))
      expect((await client.answer()).status).toBe(101)
    })
  })

  test('with a message right behind it: 101, and the message is answered', async () => {
    await it.survives(async () => {
      using client = await RawClient.ask(it.port, {}, '81 05 68 65 6c 6c 6f | 82 01 2a')
      expect((await client.answer()).status).toBe(101)
      await client.frames(2)
      expect(client.told).toEqual([
        ['text', 'hello'],
        ['binary', '2a'],
      ])
    })
  })

  test('with a forbidden frame right behind it: 101, then 1002', async () => {
    const { ends } = await it.survives(async () => {
      using client = await RawClient.ask(it.port, {}, 'f1 00')
      expect((await client.answer()).status).toBe(101)
      expect((await client.close())[0]).toBe(1002)
      await client.ended()
    })
    expect(ends).toMatchObject([{ code: 1002, error: { name: 'ProtocolError' } }])
  })
})

describe('names that mean something to JavaScript', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']

  test('as paths: 404', async () => {
    await it.survives(async () => {
      for (const name of NAMES) expect((await answerTo(requestText({ path: `/${name}` }))).status).toBe(404)
    })
  })

  test('as subprotocols, extensions, parameters and headers: read as any others, and nothing is inherited', async () => {
    const { reported } = await it.survives(async () => {
      using client = await RawClient.ask(it.port, {
        path: '/names/__proto__/constructor?__proto__=1&__proto__[polluted]=1',
        headers: {
          ...Object.fromEntries(NAMES.slice(1).map(name => [name, 'polluted'])),
          ['__proto__']: 'polluted',
          'Sec-WebSocket-Protocol': NAMES.join(', '),
          'Sec-WebSocket-Extensions': NAMES.map(name => `${name}; __proto__=1; constructor="2"`).join(', '),
        },
      })
      const { status, headers } = await client.answer()
      expect({ status, headers }).toEqual({
        status: 101,
        headers: { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': ACCEPT },
      })
      await client.frames(1)
      expect(JSON.parse(client.told[0]?.[1] as string)).toEqual({
        plain: true,
        protocols: NAMES,
        params: [
          ['__proto__', '__proto__'],
          ['constructor', 'constructor'],
        ],
      })
    })
    expect(reported).toEqual([])
  })
})

describe('a line break in what the application says', () => {
  const evil = encodeURIComponent('a\r\nX-Evil: 1\r\n\r\nHTTP/1.1 200 OK\r\n')
  const ask = (how: string): Promise<Answer> => answerTo(requestText({ path: `/refuses/${how}?text=${evil}` }))

  test('in the reason of a refusal, it is in the body and in nothing else', async () => {
    await it.survives(async () => {
      const { status, reason, headers, body } = await ask('reason')
      expect({ status, reason }).toEqual({ status: 403, reason: 'Forbidden' })
      expect(Object.keys(headers)).not.toContain('x-evil')
      expect(Buffer.byteLength(body)).toBe(Number(headers['content-length']))
    })
  })

  for (const how of ['header', 'name'])
    test(`in a ${how} of a refusal, it is a UsageError and 500`, async () => {
      const { reported } = await it.survives(async () => {
        const { status, headers, body } = await ask(how)
        expect(status).toBe(500)
        expect(Object.keys(headers)).not.toContain('x-evil')
        expect(body).not.toContain('X-Evil')
      })
      expect(reported).toMatchObject([{ name: 'UsageError', phase: 'authorize' }])
    })

  test('in a header that was changed after it was checked, it is not sent', async () => {
    await it.survives(async () => {
      const { status, headers, body } = await ask('late')
      expect(status).toBe(403)
      expect(Object.keys(headers)).not.toContain('x-text')
      expect(Object.keys(headers)).not.toContain('x-evil')
      expect(body).toBe('no\n')
    })
  })

  test('in the reason of a close, it is data', async () => {
    await it.survives(async () => {
      using client = await RawClient.open(it.port, { path: `/refuses/close?text=${evil}` })
      expect(await client.close()).toEqual([4403, decodeURIComponent(evil)])
      client.send('88 02 11 33')
      await client.ended()
    })
  })
})
