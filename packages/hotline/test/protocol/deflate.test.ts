// RFC 7692 §7.1: the parameters of permessage-deflate, what a server answers and what a client takes.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acceptDeflate, type DeflateParams, offerDeflate, readDeflateAnswer } from '../../src/protocol/deflate.ts'
import { formatExtensions, parseExtensions } from '../../src/protocol/handshake/extensions.ts'

const FREE: DeflateParams = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}

const first = (header: string) => {
  const [offer] = parseExtensions(header) ?? []
  if (offer === undefined) throw new Error(`no extension in ${header}`)
  return offer
}

const answerTo = (header: string, wishes: Partial<DeflateParams> = {}) => {
  const accepted = acceptDeflate(first(header), { ...FREE, ...wishes })
  return accepted && formatExtensions([accepted.answer])
}

describe('a server', () => {
  const answers: [offer: string, wishes: Partial<DeflateParams>, answer: string][] = [
    ['permessage-deflate', {}, 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits', {}, 'permessage-deflate'],
    [
      'permessage-deflate; client_max_window_bits',
      { clientMaxWindowBits: 10 },
      'permessage-deflate; client_max_window_bits=10',
    ],
    ['permessage-deflate', { clientMaxWindowBits: 10 }, 'permessage-deflate'],
    [
      'permessage-deflate; client_max_window_bits=9',
      { clientMaxWindowBits: 10 },
      'permessage-deflate; client_max_window_bits=9',
    ],
    ['permessage-deflate; server_max_window_bits=8', {}, 'permessage-deflate; server_max_window_bits=8'],
    [
      'permessage-deflate; server_max_window_bits="12"',
      { serverMaxWindowBits: 11 },
      'permessage-deflate; server_max_window_bits=11',
    ],
    [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
      {},
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
    [
      'permessage-deflate',
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
  ]
  for (const [offer, wishes, answer] of answers) {
    test(`answers "${offer}" with "${answer}" when it wants ${JSON.stringify(wishes)}`, () =>
      expect(answerTo(offer, wishes)).toBe(answer))
  }

  // §7.1: unknown parameters, repetitions and values outside the grammar decline the offer.
  for (const params of [
    'unknown',
    'server_no_context_takeover=1',
    'client_no_context_takeover=true',
    'server_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=08',
    'server_max_window_bits=1e1',
    'client_max_window_bits=0',
    'client_max_window_bits=banana',
    'server_no_context_takeover; server_no_context_takeover',
    'client_max_window_bits; client_max_window_bits=9',
    '__proto__',
  ]) {
    test(`declines an offer with ${params}`, () => expect(answerTo(`permessage-deflate; ${params}`)).toBeUndefined())
  }
})

describe('a client', () => {
  const offers: [Partial<DeflateParams>, string][] = [
    [{}, 'permessage-deflate; client_max_window_bits'],
    [{ clientMaxWindowBits: 9 }, 'permessage-deflate; client_max_window_bits=9'],
    [
      { serverNoContextTakeover: true, serverMaxWindowBits: 10 },
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits',
    ],
  ]
  for (const [wishes, offer] of offers) {
    test(`that wants ${JSON.stringify(wishes)} offers "${offer}"`, () =>
      expect(formatExtensions([offerDeflate({ ...FREE, ...wishes })])).toBe(offer))
  }

  const taken: [answer: string, wishes: Partial<DeflateParams>, agreed: Partial<DeflateParams>][] = [
    ['', {}, {}],
    [
      '',
      { clientMaxWindowBits: 10, clientNoContextTakeover: true },
      { clientMaxWindowBits: 10, clientNoContextTakeover: true },
    ],
    ['server_max_window_bits=9', {}, { serverMaxWindowBits: 9 }],
    ['server_max_window_bits=10', { serverMaxWindowBits: 10 }, { serverMaxWindowBits: 10 }],
    ['client_max_window_bits=9', { clientMaxWindowBits: 12 }, { clientMaxWindowBits: 9 }],
    ['client_max_window_bits=12', { clientMaxWindowBits: 9 }, { clientMaxWindowBits: 9 }],
    ['server_no_context_takeover', { serverNoContextTakeover: true }, { serverNoContextTakeover: true }],
    ['client_no_context_takeover', {}, { clientNoContextTakeover: true }],
  ]
  for (const [params, wishes, agreed] of taken) {
    test(`that wants ${JSON.stringify(wishes)} takes the answer "${params}"`, () => {
      const answer = first(`permessage-deflate${params === '' ? '' : `; ${params}`}`)
      expect(readDeflateAnswer(answer, { ...FREE, ...wishes })).toEqual({ ...FREE, ...agreed })
    })
  }

  const refused: [answer: string, wishes: Partial<DeflateParams>, why: string][] = [
    ['client_max_window_bits', {}, 'a window without its size'],
    ['server_max_window_bits=16', {}, 'a window that does not exist'],
    ['server_max_window_bits=12', { serverMaxWindowBits: 10 }, 'a larger window than was allowed'],
    ['', { serverMaxWindowBits: 10 }, 'no word about the window that was asked for'],
    ['', { serverNoContextTakeover: true }, 'no word about the takeover that was to be given up'],
    ['what_is_this', {}, 'an unknown parameter'],
    ['server_no_context_takeover; server_no_context_takeover', {}, 'a parameter twice'],
  ]
  for (const [params, wishes, why] of refused) {
    test(`refuses an answer with ${why}`, () => {
      const answer = first(`permessage-deflate${params === '' ? '' : `; ${params}`}`)
      expect(readDeflateAnswer(answer, { ...FREE, ...wishes })).toBeUndefined()
    })
  }
})

const wishes = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: fc.integer({ min: 8, max: 15 }),
  clientMaxWindowBits: fc.integer({ min: 8, max: 15 }),
})

test('whatever both sides want, they agree on the same, and nobody gets more than was allowed', () => {
  fc.assert(
    fc.property(wishes, wishes, (client, server) => {
      const accepted = acceptDeflate(offerDeflate(client), server)
      const agreed = accepted && readDeflateAnswer(first(formatExtensions([accepted.answer])), client)
      expect(agreed).toEqual({
        ...accepted?.agreed,
        clientNoContextTakeover: client.clientNoContextTakeover || server.clientNoContextTakeover,
      })
      expect(agreed?.serverMaxWindowBits).toBeLessThanOrEqual(
        Math.min(client.serverMaxWindowBits, server.serverMaxWindowBits),
      )
      expect(agreed?.clientMaxWindowBits).toBeLessThanOrEqual(
        Math.min(client.clientMaxWindowBits, server.clientMaxWindowBits),
      )
    }),
  )
})
