/** The clients of hotline and of ws behind one face. */
import { once } from 'node:events'
import { openSocket } from 'hotline/client'
import { WebSocket } from 'ws'

/**
 * @param {string} url
 * @param {string[]} protocols
 * @param {object} options
 */
export async function hotline(url, protocols, options) {
  const socket = await openSocket(url, { protocols, ...options })
  const reading = (async () => {
    for await (const _ of socket);
  })()
  reading.catch(() => {})
  return {
    send: (/** @type {string} */ data) => socket.send(data),
    closed: socket.closed.then(({ code, error }) => (error === undefined ? String(code) : nameOf(error))),
    terminate: () => socket.terminate(),
  }
}

/** @type {typeof hotline} */
export async function ws(url, protocols, options) {
  const socket = new WebSocket(url, protocols, options)
  /** @type {string} */
  let fault = ''
  socket.on('error', error => {
    fault ||= 'code' in error ? String(error.code) : error.name
  })
  /** @type {Promise<string>} */
  const closed = new Promise(resolve => socket.once('close', code => resolve(fault || String(code))))
  await once(socket, 'open')
  return {
    send: data => new Promise((resolve, reject) => socket.send(data, error => (error ? reject(error) : resolve()))),
    closed,
    terminate: () => socket.terminate(),
  }
}

/** What programs know an error by. @param {unknown} error */
export function nameOf(error) {
  const { code, name } = /** @type {{ code?: unknown, name?: string }} */ (error ?? {})
  return typeof code === 'string' ? code : (name ?? 'Error')
}
