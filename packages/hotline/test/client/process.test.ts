/** A process and its sockets: what keeps it alive, what is collected, and what its listeners throw. */
import { expect, test } from 'vitest'
import { run } from './child.ts'
import { closeFrame, frame, Peer, TEXT, type Wire } from './peer.ts'

const echo = (wire: Wire): void => void wire.accept().echo()

test('a process ends when its socket is closed', async () => {
  await using peer = await Peer.listen(echo)
  const { lines, errors, code } = await run(
    `import { WebSocket } from 'hotline'
    const socket = new WebSocket(process.argv[1])
    socket.onopen = () => socket.close(1000)
    socket.onclose = event => console.log(event.type, event.code)
    process.on('exit', () => console.log('exit'))`,
    { arguments: [peer.url] },
  )
  expect({ lines, errors, code }).toEqual({ lines: ['close 1000', 'exit'], errors: '', code: 0 })
})

test('a process that does nothing else stays for as long as its socket is open', async () => {
  await using peer = await Peer.listen()
  const arriving = peer.wire()
  let wire: Wire | undefined
  const running = run(
    `import { WebSocket } from 'hotline'
    const socket = new WebSocket(process.argv[1])
    socket.onmessage = ({ data }) => {
      console.log(data)
      setImmediate(() => setImmediate(() => console.log('idle')))
    }
    process.on('beforeExit', () => console.log('nothing left to do'))`,
    {
      arguments: [peer.url],
      online(line) {
        if (line === 'idle') wire?.frame(TEXT, `${++sent}`)
        if (sent === 4) wire?.socket.end(closeFrame(1000))
      },
    },
  )
  let sent = 1
  wire = (await arriving).accept()
  wire.frame(TEXT, '1')
  const { lines, errors, code } = await running
  expect(lines).toEqual(['1', 'idle', '2', 'idle', '3', 'idle', '4', 'idle', 'nothing left to do'])
  expect({ errors, code }).toEqual({ errors: '', code: 0 })
})

test('a process stays while it connects, and no longer', async () => {
  await using peer = await Peer.listen()
  const { lines, errors, code } = await run(
    `import { WebSocket } from 'hotline'
    const socket = new WebSocket(process.argv[1], [], { handshakeTimeout: 100 })
    socket.onerror = ({ error }) => console.log(error.code)`,
    { arguments: [peer.url] },
  )
  expect({ lines, errors, code }).toEqual({ lines: ['ERR_TIMEOUT'], errors: '', code: 0 })
})

test('a process outlives every handshake that fails, without a listener', async () => {
  await using peer = await Peer.listen(wire => {
    if (wire.target.pathname === '/403') wire.answer(403, ['Content-Length: 0'])
    else if (wire.target.pathname === '/garbage') wire.socket.end('garbage\\r\\n\\r\\n')
    else wire.socket.resetAndDestroy()
  })
  const { lines, errors, code } = await run(
    `import { WebSocket } from 'hotline'
    const [, url] = process.argv
    for (const path of ['/403', '/garbage', '/reset']) new WebSocket(url + path)
    new WebSocket('ws://127.0.0.1:1/')
    new WebSocket(url, [], { signal: AbortSignal.abort() })
    new WebSocket(url).close()
    process.on('exit', () => console.log('end'))`,
    { arguments: [peer.url] },
  )
  expect({ lines, errors, code }).toEqual({ lines: ['end'], errors: '', code: 0 })
})

test('a socket that nobody holds is not collected while it connects, nor while it is open and listened to', async () => {
  await using peer = await Peer.listen()
  const arriving = peer.wire()
  let wire: Wire | undefined
  const running = run(
    `import { WebSocket } from 'hotline'
    import { lane } from 'hotline/server'
    await lane() // from now on, dialling begins at once
    const collect = async () => {
      for (let i = 0; i < 10; i++) {
        gc()
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    const dial = () => {
      const socket = new WebSocket(process.argv[1])
      socket.addEventListener('open', async () => {
        await collect()
        console.log('open')
      })
      socket.addEventListener('message', ({ data }) => console.log(data))
      socket.addEventListener('close', () => console.log('close'))
      return new WeakRef(socket)
    }
    const reference = dial()
    await collect()
    console.log('connecting')
    await new Promise(resolve => process.once('beforeExit', resolve))
    await collect()
    console.log(reference.deref() === undefined ? 'collected' : 'kept')`,
    {
      arguments: [peer.url],
      flags: ['--expose-gc'],
      online(line) {
        if (line === 'connecting') arriving.then(it => it.accept())
        if (line === 'open') wire?.frame(TEXT, 'message')
        if (line === 'message') wire?.socket.end(closeFrame(1000))
      },
    },
  )
  wire = await arriving
  const { lines, errors, code } = await running
  expect(lines).toEqual(['connecting', 'open', 'message', 'close', 'collected'])
  expect({ errors, code }).toEqual({ errors: '', code: 0 })
})

test('what a listener throws is an uncaught exception of the process, and the other listeners are called', async () => {
  await using peer = await Peer.listen(echo)
  const { lines, errors, code } = await run(
    `import { WebSocket } from 'hotline'
    process.on('uncaughtException', error => console.log('caught', error.message))
    const socket = new WebSocket(process.argv[1])
    for (const type of ['open', 'message', 'close']) {
      socket['on' + type] = () => { throw new Error('by on' + type) }
      socket.addEventListener(type, () => { throw new Error('by a listener of ' + type) })
      socket.addEventListener(type, () => console.log(type))
    }
    socket.addEventListener('open', () => socket.send('x'))
    socket.addEventListener('message', () => socket.close())`,
    { arguments: [peer.url] },
  )
  const each = (type: string): string[] => [type, `caught by on${type}`, `caught by a listener of ${type}`]
  expect(lines).toEqual([...each('open'), ...each('message'), ...each('close')])
  expect({ errors, code }).toEqual({ errors: '', code: 0 })
})

test.each(['', 'public'])(
  'what is thrown for one message, by a listener, a tick or a reaction, does not keep the next from coming (HOTLINE_LANE=%s)',
  async lane => {
    await using peer = await Peer.listen(wire => {
      const three = Buffer.concat([1, 2, 3].map(each => frame(TEXT, `${each}`)))
      wire.accept([], three).echo()
    })
    const { lines, errors, code } = await run(
      `process.env.HOTLINE_LANE = process.argv[2]
      process.on('uncaughtException', error => console.log('caught', error.message))
      process.on('unhandledRejection', error => console.log('unhandled', error.message))
      const { WebSocket } = await import('hotline')
      const socket = new WebSocket(process.argv[1])
      socket.onmessage = ({ data }) => {
        console.log(data)
        process.nextTick(() => { throw new Error('by a tick of ' + data) })
        Promise.reject(new Error('by a reaction of ' + data))
        if (data === '3') setTimeout(() => socket.close(), 10)
        throw new Error('by the listener of ' + data)
      }`,
      { arguments: [peer.url, lane] },
    )
    expect(lines.filter(line => /^[123]$/.test(line))).toEqual(['1', '2', '3'])
    const told = (each: number): string[] => [
      `caught by a tick of ${each}`,
      `caught by the listener of ${each}`,
      `unhandled by a reaction of ${each}`,
    ]
    expect(lines.filter(line => !/^[123]$/.test(line)).sort()).toEqual([1, 2, 3].flatMap(told).sort())
    expect({ errors, code }).toEqual({ errors: '', code: 0 })
  },
)
