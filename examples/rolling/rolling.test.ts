/** The example as a reader runs it, but shorter, and from its source: real nginx, real Redis, and three servers. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, inject, test } from 'vitest'

const [nginx, redis] = [inject('nginx'), inject('redis')]
const script = fileURLToPath(new URL('rolling.js', import.meta.url))
const environment = { ...process.env, NGINX_PATH: nginx, REDIS_SERVER_PATH: redis }

const rolling = async (...options: string[]) =>
  promisify(execFile)(process.execPath, [script, ...options], { env: environment })

describe.skipIf(nginx === undefined || redis === undefined)('three servers behind nginx', () => {
  test('are replaced one after the other while 40 clients read and publish: nothing is lost, and nobody is refused', async () => {
    const options = ['--json', '--clients', '40', '--rate', '60', '--spread', '1']
    const { publications, delivered, lines, replaced, ...counts } = JSON.parse((await rolling(...options)).stdout)
    expect(counts).toMatchObject({
      lost: 0,
      doubled: 0,
      disordered: 0,
      passed: 0,
      unrecovered: 0,
      refused: 0,
      failed: 0,
    })
    expect(publications).toBeGreaterThan(100)
    expect(delivered).toBe(publications * 40)
    expect(replaced).toHaveLength(3)
    const ends = replaced as Record<'closed' | 'left' | 'terminated' | 'refused', number>[]
    expect(ends.map(({ left, terminated }) => left + terminated)).toEqual([0, 0, 0])
    // Somebody came back while the server that closed his line was still there: nginx tried the next one.
    expect(ends.reduce((all, { refused }) => all + refused, 0)).toBeGreaterThan(0)
    expect(lines.reduce((all: number, one: number) => all + one, 0)).toBe(40)
  })
})

test('without nginx says in one line what is missing', async () => {
  const run = promisify(execFile)(process.execPath, [script, '--backplane', 'none'], {
    env: { ...environment, NGINX_PATH: '/nowhere/nginx' },
  })
  await expect(run).rejects.toMatchObject({
    code: 2,
    stderr: 'rolling: nginx is not here: apt-get install nginx, or set NGINX_PATH to its path\n',
  })
})
