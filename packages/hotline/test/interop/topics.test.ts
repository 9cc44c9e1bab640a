/** hotline.1 is not ours alone: a client of some sixty lines over Debian's python3-websockets speaks it with our server. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import type {} from '../../../../test/support/setup.ts'
import { listening } from '../server/support.ts'

const python = inject('python')
const program = fileURLToPath(new URL('topics.py', import.meta.url))

test.skipIf(!python)('a client in Python subscribes, publishes, resumes, asks, and is told what is wrong', async () => {
  await using server = await listening({
    topics: { 'py/*': { subscribe: true, publish: true, history: { size: 10 } } },
    requests: { whoami: socket => `${socket.data}` },
    routes: { '/': { topics: true, authorize: request => request.token } },
  })
  const { stdout } = await promisify(execFile)(python as string, [program, server.url], {
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  })
  const epoch = /"epoch":"([^"]+)"/.exec(stdout)?.[1]
  const welcome = 'hotline.1 {"type":"welcome","version":1,"heartbeat":25000}'
  expect(stdout.trim().split('\n')).toEqual([
    welcome,
    `{"type":"subscribed","id":1,"topic":"py/a","epoch":"${epoch}","offset":0}`,
    '{"type":"publication","topic":"py/a","offset":1,"data":{"n":1}}',
    '{"type":"published","id":2,"offset":1}',
    welcome,
    '{"type":"published","id":1,"offset":2}',
    welcome,
    `{"type":"subscribed","id":1,"topic":"py/a","epoch":"${epoch}","offset":1,"recovered":true}`,
    '{"type":"publication","topic":"py/a","offset":2,"data":"missed"}',
    '{"type":"publication","topic":"py/a","offset":3} 000aff',
    '{"type":"reply","id":2,"data":"s3cr3t ✓"}',
    '{"type":"error","id":3,"code":"unknown-type","reason":"no message has the type dance"}',
    '4400 what came is not hotline.1',
  ])
})
