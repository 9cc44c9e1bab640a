/** uWebSockets.js with its defaults, but for the largest message and what may wait, which it would cut at 16 and 64 KiB. */
import uws from '@trufflesuite/uws-js-unofficial'
import { broadcast, listening, MiB, options } from './told.mjs'

const app = options.tls ? uws.SSLApp({ key_file_name: options.tls.key, cert_file_name: options.tls.cert }) : uws.App()

app.ws('/*', {
  compression: options.deflate ? uws.SHARED_COMPRESSOR : uws.DISABLED,
  ...(options.largest > 8192 && { maxPayloadLength: 2 * MiB, maxBackpressure: 64 * MiB }),
  open(/** @type {any} */ socket) {
    if (broadcast) socket.subscribe('all')
  },
  message(/** @type {any} */ socket, /** @type {ArrayBuffer} */ message, /** @type {boolean} */ isBinary) {
    if (broadcast) app.publish('all', message, isBinary, options.deflate)
    else socket.send(message, isBinary, options.deflate)
  },
})
app.listen('127.0.0.1', 0, (/** @type {unknown} */ token) => listening(uws.us_socket_local_port(token)))
