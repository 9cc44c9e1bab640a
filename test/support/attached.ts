/** What each example of `attach` must prove, whatever it is attached to: a chat at /chat, by WebSocket and by HTTP. */
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSocket } from '../../packages/hotline/src/client/index.ts'
import { Example } from './example.ts'

/**
 * @param folder - the test's `import.meta.url`
 * @param notFound - what the application below answers for a path that it does not have
 */
export function provesAttach(folder: string, notFound: RegExp): void {
  let example: Example
  let url: string
  const http = (path: string): string => `${url.replace('ws:', 'http:')}${path}`

  beforeAll(async () => {
    example = new Example(folder)
    url = await example.line()
  })
  afterAll(() => example[Symbol.asyncDispose]())

  test('what one socket sends, every socket gets', async () => {
    await using one = await openSocket(`${url}/chat`)
    await using other = await openSocket(`${url}/chat`)
    await one.send('hello')
    for (const socket of [one, other])
      expect(await socket[Symbol.asyncIterator]().next()).toEqual({ done: false, value: 'hello' })
  })

  test('a GET and a POST with a body are answered by the application', async () => {
    await using socket = await openSocket(`${url}/chat`)
    const headers = { 'Content-Type': 'text/plain' }
    const posted = await fetch(http('/chat'), { method: 'POST', headers, body: 'by POST' })
    expect([posted.status, await posted.text()]).toEqual([200, '1 online\n'])
    expect(await socket[Symbol.asyncIterator]().next()).toEqual({ done: false, value: 'by POST' })
    const got = await fetch(http('/chat'))
    expect([got.status, await got.text()]).toEqual([200, '1 online\n'])
  })

  test('a path that nobody has gets the 404 of the application', async () => {
    const answer = await fetch(http('/nothing'))
    expect(answer.status).toBe(404)
    expect(await answer.text()).toMatch(notFound)
  })

  test('an upgrade to a path that is no route gets 404', async () => {
    await expect(openSocket(`${url}/nothing`)).rejects.toMatchObject({ code: 'ERR_HANDSHAKE', status: 404 })
  })

  test('a request to upgrade to another protocol is answered by the application', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { Connection: 'Upgrade', Upgrade: 'h2c' }
      const asked = request(http('/chat'), { headers }, response => resolve(text(response)))
      asked.on('error', reject).end()
    })
    expect(answer).toMatch(/ online\n$/)
  })

  test('when it is told to end, open lines close with 1001, and nothing is left', async () => {
    const socket = await openSocket(`${url}/chat`)
    const [code, closed] = await Promise.all([example.stop(), socket.closed])
    expect(closed).toMatchObject({ code: 1001, clean: true })
    expect(code).toBe(0)
    expect(example.errors).toBe('')
  })
}
