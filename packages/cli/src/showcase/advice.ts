/** An honest word on a URL: what ws:// and wss:// mean here, and why a browser may say no. */

/** `page` is where the page itself came from. */
export function advice(url: URL, page: URL): string {
  const own = url.host === page.host
  if (url.protocol === 'wss:') {
    if (!own)
      return `Encrypted. If the browser does not trust the certificate, it says only 1006: open https://${url.host}/ in a tab and look.`
    if (page.protocol === 'https:') return 'Encrypted, with the certificate that brought you this page.'
    return 'This server speaks ws://. For wss:// start it with hotline serve --tls-self-signed, or with a certificate of your own.'
  }
  if (page.protocol === 'https:' && own) return 'This server speaks wss://, so nobody answers ws:// here.'
  if (isLoopback(url)) return 'Not encrypted, which is fine on your own machine.'
  if (page.protocol === 'https:')
    return 'A page that came over https:// may not open ws:// to another machine: the browser calls it mixed content.'
  return 'Not encrypted: everybody on the way can read it. Use wss:// beyond your own network.'
}

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.(\d+\.){2}\d+$/.test(hostname)
