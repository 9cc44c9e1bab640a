/** What a page in a browser should never have: words in the console, and requests to other hosts. */
import type { Page } from 'playwright-core'

/** All of it from now on, as it comes. @param url - the page's own */
export function complaintsOf(page: Page, url: string): readonly string[] {
  const complaints: string[] = []
  page.on('console', message => {
    // The browser says by itself that it could not connect.
    if (!/^WebSocket connection to '.*' failed/.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('request', request => {
    if (new URL(request.url()).host !== new URL(url).host) complaints.push(request.url())
  })
  return complaints
}
