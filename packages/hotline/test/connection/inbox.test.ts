import { describe, expect, test } from 'vitest'
import { SENT } from '../../src/connection/deferred.ts'
import { Inbox, type InboxOwner, type MessageHandler } from '../../src/connection/inbox.ts'
import { gate, settle, watch } from './support.ts'

function inbox(mark = 1000) {
  const told: unknown[] = []
  const owner: InboxOwner = {
    pauseReading: () => told.push('pause'),
    resumeReading: () => told.push('resume'),
    handlerFailed: error => {
      told.push(error)
      it.discard()
    },
  }
  const it = new Inbox(mark, owner)
  return { it, told }
}

/** A handler that writes down, and works until the test lets it go on. */
function slow() {
  const seen: unknown[] = []
  const gates: ReturnType<typeof gate<void>>[] = []
  const handler: MessageHandler = message => {
    seen.push(message)
    const next = gate()
    gates.push(next)
    return next.promise
  }
  const step = async (): Promise<void> => {
    gates.shift()?.open()
    await settle()
  }
  return { handler, seen, step, gates }
}

describe('delivery', () => {
  test('is at once while the handler returns nothing to wait for', () => {
    const { it } = inbox()
    const seen: unknown[] = []
    it.deliverTo(message => void seen.push(message))
    it.push('a')
    expect(seen).toEqual(['a'])
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['what send() returns when nothing is to be waited for', SENT],
  ])('goes on when the handler returns %s', (_name, result) => {
    const { it } = inbox()
    const seen: unknown[] = []
    it.deliverTo(message => {
      seen.push(message)
      return result
    })
    it.push('a')
    it.push('b')
    expect(seen).toEqual(['a', 'b'])
  })

  test('is in order and one at a time when the handler is async', async () => {
    const { it } = inbox()
    const { handler, seen, step } = slow()
    it.deliverTo(handler)
    for (const message of ['a', 'b', 'c']) it.push(message)
    await settle()
    expect(seen).toEqual(['a'])
    await step()
    expect(seen).toEqual(['a', 'b'])
    await step()
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  test('keeps the order when messages come in while it catches up', async () => {
    const { it } = inbox(1_000_000)
    const seen: unknown[] = []
    let next = 10
    it.waitFor(Promise.resolve())
    it.deliverTo(message => {
      seen.push(message)
      if (next < 20) it.push(`${next++}`)
    })
    for (let message = 0; message < 10; message++) it.push(`${message}`)
    await settle()
    expect(seen).toEqual(Array.from({ length: 20 }, (_, message) => `${message}`))
  })

  test('keeps the order of thousands that had to wait', async () => {
    const { it } = inbox(10_000_000)
    const all = Array.from({ length: 5000 }, (_, message) => `${message}`)
    for (const message of all) it.push(message)
    const seen: unknown[] = []
    for (let count = 0; count < 2500; count++) seen.push(it.shift())
    it.deliverTo(message => void seen.push(message))
    expect(seen).toEqual(all)
    expect(it.shift()).toBeUndefined()
  })

  test('begins when what has to be done first is done', async () => {
    const { it } = inbox()
    const opening = gate()
    const seen: unknown[] = []
    expect(it.waitFor(opening.promise)).toBe(true)
    expect(it.waitFor(undefined)).toBe(false)
    it.deliverTo(message => void seen.push(message))
    it.push('a')
    await settle()
    expect(seen).toEqual([])
    opening.open()
    await settle()
    expect(seen).toEqual(['a'])
  })
})

describe('marks', () => {
  test('reading pauses above the mark and goes on at half of it', () => {
    const { it, told } = inbox(1000)
    for (let count = 0; count < 10; count++) it.push('x'.repeat(36))
    expect(told).toEqual([])
    it.push('')
    expect(told).toEqual(['pause'])
    it.push('x')
    expect(told).toEqual(['pause'])
    for (let count = 0; count < 6; count++) it.shift()
    expect(told).toEqual(['pause'])
    it.shift()
    expect(told).toEqual(['pause', 'resume'])
  })

  test('a flood of empty messages pauses it too, since each costs memory', () => {
    const { it, told } = inbox(65_536)
    for (let count = 0; count < 1025; count++) it.push('')
    expect(told).toEqual(['pause'])
  })

  test('bytes count as text does', () => {
    const { it, told } = inbox(1000)
    it.push(new Uint8Array(937))
    expect(told).toEqual(['pause'])
  })
})

describe('a handler that fails', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ] satisfies [string, MessageHandler][])('and %s is told once, and gets nothing more', async (_name, handler) => {
    const { it, told } = inbox()
    let calls = 0
    it.deliverTo(() => {
      calls++
      return handler()
    })
    for (const message of ['a', 'b', 'c']) it.push(message)
    await settle()
    it.push('d')
    await settle()
    expect(calls).toBe(1)
    expect(told).toEqual([new Error('no')])
  })

  test('is told when what had to be done first fails', async () => {
    const { it, told } = inbox()
    it.waitFor(Promise.reject(new Error('no')))
    const seen: unknown[] = []
    it.deliverTo(message => void seen.push(message))
    it.push('a')
    await settle()
    expect(told).toEqual([new Error('no')])
    expect(seen).toEqual([])
  })
})

describe('the end', () => {
  test('is called back when the last message has been handled', async () => {
    const { it } = inbox()
    const { handler, seen, step } = slow()
    it.deliverTo(handler)
    it.push('a')
    it.push('b')
    it.end(() => seen.push('end'))
    await step()
    expect(seen).toEqual(['a', 'b'])
    await step()
    expect(seen).toEqual(['a', 'b', 'end'])
  })

  test('is called back at once when nothing waits', () => {
    const { it } = inbox()
    const seen: unknown[] = []
    it.deliverTo(() => {})
    it.end(() => seen.push('end'))
    expect(seen).toEqual(['end'])
  })

  test('is called back once, also after a handler that failed', async () => {
    const { it } = inbox()
    const seen: unknown[] = []
    it.deliverTo(() => Promise.reject(new Error('no')))
    it.push('a')
    it.push('b')
    it.end(() => seen.push('end'))
    await settle()
    expect(seen).toEqual(['end'])
  })
})

describe('whenIdle()', () => {
  test('is fulfilled when no handler works and nothing waits for one', async () => {
    const { it } = inbox()
    const { handler, step } = slow()
    it.deliverTo(handler)
    expect(watch(it.whenIdle())).toBeDefined()
    it.push('a')
    it.push('b')
    const idle = watch(it.whenIdle())
    await step()
    expect(idle.state).toBe('pending')
    await step()
    expect(idle.state).toBe('fulfilled')
  })

  test('is fulfilled when the last message has been taken, or forgotten', async () => {
    for (const empty of ['shift', 'discard'] as const) {
      const { it } = inbox()
      it.push('a')
      const idle = watch(it.whenIdle())
      await settle()
      expect(idle.state).toBe('pending')
      it[empty]()
      await settle()
      expect(idle.state).toBe('fulfilled')
    }
  })
})
