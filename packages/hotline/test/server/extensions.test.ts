import { describe, expect, test } from 'vitest'
import { ContextBudget } from '../../src/connection/contexts.ts'
import { DEFLATE_RULES, type DeflateOptions, resolveDeflate } from '../../src/connection/deflate-options.ts'
import { type ExtensionOffer, parseExtensions } from '../../src/protocol/handshake/extensions.ts'
import { nodeRuntime } from '../../src/runtime/node/runtime.ts'
import { nodeDeflate } from '../../src/runtime/node/zlib-handles.ts'
import { type Chosen, Extensions } from '../../src/server/extensions.ts'

const within = (budget: ContextBudget, deflate: boolean | DeflateOptions): Extensions => {
  const settings = resolveDeflate(deflate, DEFLATE_RULES)
  return new Extensions(settings && { engine: nodeDeflate(), settings, budget, maxMessage: 1 << 20 })
}

const of = (deflate: boolean | DeflateOptions, budget = 1 << 20): Extensions =>
  within(new ContextBudget(budget, nodeRuntime.clock), deflate)

const BROWSER = 'permessage-deflate; client_max_window_bits'
const offer = (text: string): ExtensionOffer[] => parseExtensions(text) as ExtensionOffer[]

/** What comes of such an offer. */
const chosen = (extensions: Extensions, protocol = '', text = BROWSER): Chosen =>
  extensions.choose(text === '' ? [] : offer(text), text, protocol)

describe('lines that agreed on the same', () => {
  test('share what was agreed, which nobody can change', () => {
    const extensions = of(true)
    const [first, second] = [chosen(extensions, 'chat'), chosen(extensions, 'chat')]
    expect(second.agreed).toBe(first.agreed)
    expect(first.agreed).toEqual({ protocol: 'chat', extensions: parseExtensions(first.header as string) })
    const change = (): unknown => (first.agreed.extensions as ExtensionOffer[]).push({ name: 'x', params: [] })
    expect(change).toThrow(TypeError)
    const [{ params } = { params: [] }] = first.agreed.extensions
    expect([Object.isFrozen(params), Object.isFrozen(params[0])]).toEqual([true, true])
  })

  test('share their compression while it remembers nothing', () => {
    const extensions = of(true)
    const first = chosen(extensions).compression
    expect(first).toBeDefined()
    expect(chosen(extensions, 'chat').compression).toBe(first)
    expect(chosen(extensions, '', `${BROWSER}; server_max_window_bits=9`).compression).not.toBe(first)
  })

  test.each([{ serverNoContextTakeover: false }, { clientNoContextTakeover: false }])(
    'have one of their own each with %j',
    options => {
      const extensions = of(options)
      const [first, second] = [chosen(extensions), chosen(extensions)]
      expect(second.agreed).toBe(first.agreed)
      expect(second.compression).not.toBe(first.compression)
    },
  )

  test('share one again when there is no memory for more', () => {
    const extensions = of({ clientNoContextTakeover: false }, 0)
    expect(chosen(extensions).compression).toBe(chosen(extensions).compression)
  })
})

test('lines of other subprotocols or without extensions have agreements of their own', () => {
  const extensions = of(true)
  const plain = chosen(extensions, 'chat', '')
  expect(plain).toEqual({ header: undefined, agreed: { protocol: 'chat', extensions: [] }, compression: undefined })
  expect(chosen(extensions, 'chat').agreed).not.toBe(plain.agreed)
  expect(chosen(extensions, '', '').agreed.protocol).toBe('')
  expect(chosen(extensions, 'chat', 'x-other').agreed).toBe(plain.agreed)
})

test('a peer that makes up offers gets the answer to each, however many were answered before', () => {
  const extensions = of(true)
  for (let round = 0; round < 200; round++) {
    const text = `x-${round}, ${BROWSER}; server_max_window_bits=${8 + (round % 8)}`
    for (const _time of ['first', 'second'])
      expect(chosen(extensions, '', text).header).toBe(chosen(of(true), '', text).header)
  }
})

test('an offer that was answered before is answered without takeover of the peer once there is no memory for more', () => {
  const budget = new ContextBudget(100_000, nodeRuntime.clock)
  const extensions = within(budget, { serverNoContextTakeover: false, clientNoContextTakeover: false })
  expect(chosen(extensions).header).toBe('permessage-deflate')
  budget.reserve(80_000)
  expect(chosen(extensions).header).toBe('permessage-deflate; client_no_context_takeover')
  budget.reserve(-80_000)
  expect(chosen(extensions).header).toBe('permessage-deflate')
})
