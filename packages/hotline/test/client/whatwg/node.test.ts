/** The claims of the standard on our class in Node. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from '../../../src/client/websocket.ts'
import { sections } from './claims.ts'
import { inNode, Stage } from './engines.ts'
import { expectEither } from './expect.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

test('a claim is a sentence that stands once', () => {
  const all = sections.flatMap(({ claims }) => claims.map(({ claim }) => claim))
  expect(all.filter((claim, i) => all.indexOf(claim) !== i)).toEqual([])
})

describe.each(sections)('$title', ({ claims }) => {
  test.each(claims)('$claim', async ({ see, expected, hotline }) => {
    expectEither(await see(inNode(WebSocket, stage)), expected, hotline)
  })
})
