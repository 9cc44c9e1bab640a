/** How a connection is set up for each protocol, and what a message looks like in it. */
import { Connection } from './connection.mjs'
import { frame } from './frames.mjs'

/** @typedef {import('../types.ts').LoadOptions} LoadOptions */

/** @type {Record<import('../types.ts').Protocol, { open(connection: Connection, options: LoadOptions): Promise<void>, encode(payload: Buffer, options: LoadOptions): Buffer, answers(options: LoadOptions): number }>} */
const protocols = {
  websocket: {
    open: (connection, { deflate }) => connection.upgrade({ path: '/', deflate }),
    encode: (payload, { message, deflate }) => frame(payload, { binary: message.type === 'binary', deflate }),
    answers: () => 1,
  },
  // https://socket.io/docs/v4/socket-io-protocol: a message is an event, and its bytes are a frame of their own.
  'socket.io': {
    async open(connection, { deflate }) {
      await connection.upgrade({ path: '/socket.io/?EIO=4&transport=websocket', deflate })
      await connection.message()
      connection.write(frame(Buffer.from('40'), { binary: false }))
      await connection.message()
    },
    encode(payload, { message, deflate }) {
      if (message.type !== 'binary') {
        const text = `42${JSON.stringify(['message', payload.toString()])}`
        return frame(Buffer.from(text), { binary: false, deflate })
      }
      const text = Buffer.from('451-["message",{"_placeholder":true,"num":0}]')
      return Buffer.concat([frame(text, { binary: false }), frame(payload, { binary: true, deflate })])
    },
    answers: ({ message }) => (message.type === 'binary' ? 2 : 1),
  },
  raw: {
    open: async () => {},
    encode: (payload, { message }) => frame(payload, { binary: message.type === 'binary' }),
    answers: () => 1,
  },
}

/** @param {LoadOptions} options */
export async function open(options) {
  const connection = new Connection()
  await connection.open(options.port, options.tls)
  await protocols[options.protocol].open(connection, options)
  return connection
}

/**
 * Some at a time, so that no server's queue of connections overflows.
 * @param {LoadOptions} options
 */
export async function openAll(options) {
  /** @type {Connection[]} */
  const connections = []
  while (connections.length < options.connections) {
    const some = Math.min(100, options.connections - connections.length)
    connections.push(...(await Promise.all(Array.from({ length: some }, () => open(options)))))
  }
  return connections
}

/**
 * @param {Buffer} payload
 * @param {LoadOptions} options
 */
export const encode = (payload, options) => protocols[options.protocol].encode(payload, options)

/**
 * Sends one message and looks at its answer in full: what comes later is counted by this length only.
 * @param {Connection} connection
 * @param {Buffer} payload
 * @param {LoadOptions} options
 */
export async function probe(connection, payload, options) {
  const { protocol } = options
  const sent = encode(payload, options)
  connection.write(sent)
  let length = 0
  let right = false
  let compressed = false
  for (let i = 0; i < protocols[protocol].answers(options); i++) {
    const answer = protocol === 'raw' ? await connection.bytes(sent.length) : await connection.message()
    length += answer.length
    compressed ||= answer.compressed
    right ||= holds(answer.payload, protocol === 'raw' ? sent : payload, protocol)
  }
  if (options.deflate !== compressed) throw new Error(`the answer is ${compressed ? '' : 'not '}compressed`)
  if (!compressed && !right) throw new Error('the answer is not what was sent')
  return length
}

/**
 * @param {Buffer} answer
 * @param {Buffer} payload
 * @param {import('../types.ts').Protocol} protocol
 */
function holds(answer, payload, protocol) {
  if (answer.equals(payload)) return true
  return protocol === 'socket.io' && answer.equals(Buffer.from(`42${JSON.stringify(['message', payload.toString()])}`))
}
