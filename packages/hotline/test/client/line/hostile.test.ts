/** Whatever a server says, a line throws nothing, ends only with a reason, and keeps a bounded amount of it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeLine, settle } from './support.ts'

const types = ['welcome', 'subscribed', 'unsubscribed', 'published', 'publication', 'passed', 'presence', 'pong']
const both = ['retry', 'notice', 'request', 'cancel', 'reply', 'error', 'news']
const topic = fc.oneof({ weight: 8, arbitrary: fc.constant('chat') }, fc.jsonValue())
const number = fc.oneof(fc.nat(9), fc.integer(), fc.maxSafeInteger(), fc.double(), fc.constant('5'), fc.jsonValue())
const names = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue())
const fields = {
  topic,
  id: number,
  offset: number,
  count: number,
  after: number,
  heartbeat: number,
  epoch: fc.oneof(fc.constant('e'), fc.jsonValue()),
  recovered: fc.oneof(fc.boolean(), fc.jsonValue()),
  code: fc.oneof(fc.constant('denied'), fc.jsonValue()),
  reason: fc.oneof(fc.string(), fc.jsonValue()),
  name: fc.oneof(fc.constantFrom('wait', 'fail', 'toString'), fc.jsonValue()),
  data: fc.jsonValue(),
  members: names,
  join: names,
  leave: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
  presence: fc.oneof(fc.record({ count: number, members: names }, { requiredKeys: [] }), fc.jsonValue()),
}
const type = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...types, ...both) }, fc.jsonValue())
const message = fc.record({ type, ...fields }, { requiredKeys: ['type'] })
const text = fc.oneof(
  { weight: 40, arbitrary: message.map(fields => JSON.stringify(fields)) },
  fc.jsonValue().map(value => JSON.stringify(value)),
)
const step = fc.oneof(
  { weight: 30, arbitrary: text },
  fc.tuple(text, fc.uint8Array()).map(([head, data]) => new Uint8Array([...Buffer.from(`${head}\n`), ...data]).buffer),
  fc.constantFrom(1006, 1012, 1013).map(cut => cut),
)

test('whatever a server says, and however often it cuts', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
    // The one of the support throws what is reported: only what a handler of the application throws is.
    const reported: unknown[] = []
    const options = { protocols: 'hotline.1', random: () => 0, maxUnread: 2_000 }
    const all = fakeLine({ ...options, report: error => reported.push(error) })
    const { line, clock, states } = all
    line.on('notice', ({ code, reason }) => {
      expect([typeof code, typeof reason]).toEqual(['string', 'string'])
      throw new Error('mine')
    })
    line.answer('wait', () => new Promise(() => {}))
    line.answer('fail', () => {
      throw new Error('mine')
    })
    const asked = [line.publish('chat', 1), line.request('x', 1, { timeout: 0 })]
    const chat = line.topic('chat', { presence: true })
    chat.on('ended', () => {})
    let socket = (await all.socket()).open('hotline.1')
    const states0 = states.length
    for (const given of steps) {
      if (line.status === 'closed') break
      if (typeof given === 'number') {
        socket.end(given)
        await clock.advance(3_600_000)
        socket = (await all.socket()).open('hotline.1')
      } else socket.receive(given)
    }
    await settle()
    const state = line.state
    if (state.status === 'closed') expect(state.end).toMatchObject({ code: 4400, error: { code: 'ERR_PROTOCOL' } })
    else expect(state.status).toBe('open')
    for (const { status, ...more } of states.slice(states0)) {
      if (status !== 'waiting') continue
      expect((more as { delay: number }).delay).toBeLessThanOrEqual(3_600_000)
    }
    expect(Number.isSafeInteger(chat.count) && chat.count >= 0).toBe(true)
    expect(reported.every(error => (error as Error).message === 'mine')).toBe(true)
    line.close()
    await Promise.allSettled(asked)
    let kept = 0
    try {
      for await (const { passed } of chat) {
        kept++
        expect(Number.isNaN(passed)).toBe(false)
      }
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(REQUEST|CLOSED)$/) })
    }
    expect(kept).toBeLessThan(2_000 / 64)
    await clock.advance(60_000)
    expect(clock.pending).toBe(0)
  })
  await fc.assert(property, { seed: 5, numRuns: 400 })
})
