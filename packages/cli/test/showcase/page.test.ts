/** The page of `hotline serve` in Chromium: the client of the notes runs on it, unchanged, and what happens is shown. */
import type { Browser, BrowserContext, ConsoleMessage, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { chromium, launch } from '../../../../test/support/browser.ts'
import { file } from '../support/files.ts'
import { type Running, serving } from '../support/hotline.ts'
import { NOTES_URL, seedClient } from '../support/seed-client.ts'

const HELLO = '{"type":"hello","message":"Hello Server!"}'

type Serving = Running & { readonly url: string }

/** One row of the time line: its label, its facts, and its content. */
type Row = readonly [label: string, facts: string, content: string]

/** The page as a person uses it, and all that it said to the console of the browser. */
class Showcase {
  readonly page: Page
  readonly console: ConsoleMessage[] = []
  readonly requests: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('console', message => this.console.push(message))
    page.on('request', request => this.requests.push(request.url()))
    page.on('pageerror', error => expect.fail(`the page threw ${error}`))
  }

  static async open(context: BrowserContext, server: Serving): Promise<Showcase> {
    const showcase = new Showcase(await context.newPage())
    await showcase.page.goto(`${server.url.replace('ws', 'http')}/events`)
    return showcase
  }

  /** Types a URL and opens it. */
  async dial(url: string): Promise<void> {
    await this.page.getByLabel('URL').fill(url)
    await this.press('Open the line')
  }

  press(name: string): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click()
  }

  async send(kind: 'Text' | 'JSON' | 'Binary', text: string): Promise<void> {
    await this.page.getByText(kind, { exact: true }).first().click()
    await this.page.locator('#message').fill(text)
    await this.press('Send')
  }

  /** Waits for the row that begins so, and returns what follows in it. */
  async row(label: string, nth = 0): Promise<Row> {
    const row = this.page.locator('.entry', { has: this.page.locator('.label', { hasText: new RegExp(`^${label}$`) }) })
    await row.nth(nth).waitFor()
    return rowOf(row.nth(nth))
  }

  async rows(): Promise<Row[]> {
    return Promise.all((await this.page.locator('.entry').all()).map(rowOf))
  }

  /** How often each event has fired, as the page counts. */
  async events(): Promise<Record<string, number>> {
    const counters = await this.page.locator('[data-event]').all()
    const pairs = counters.map(async counter => [
      await counter.getAttribute('data-event'),
      Number(await counter.textContent()),
    ])
    return Object.fromEntries(await Promise.all(pairs))
  }

  get state(): Promise<string | null> {
    return this.page.locator('#state').textContent()
  }

  /** What the console got that is not a log. */
  get complaints(): string[] {
    return this.console.filter(message => message.type() !== 'log').map(message => message.text())
  }
}

async function rowOf(row: ReturnType<Page['locator']>): Promise<Row> {
  const [label = '', facts = '', content = ''] = await Promise.all(
    ['.label', '.facts', '.content'].map(async part => (await row.locator(part).textContent()) ?? ''),
  )
  return [label, facts, content]
}

describe.skipIf(!chromium).each([
  ['ws', []],
  ['wss', ['--tls-self-signed']],
])('over %s://', (scheme, options) => {
  let browser: Browser
  let server: Serving
  let context: BrowserContext
  let showcase: Showcase
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launch(), serving('--max-message', '64KiB', ...options)])
    context = await browser.newContext({ ignoreHTTPSErrors: true })
  })
  afterAll(() => Promise.all([browser.close(), server[Symbol.asyncDispose]()]))
  beforeEach(async () => {
    showcase = await Showcase.open(context, server)
  })
  afterEach(() => Promise.all(context.pages().map(page => page.close())))

  test('the code that is shown is the client of the notes, and it is what runs', async () => {
    const { page } = showcase
    const url = `${server.url}/echo`
    expect(await page.locator('#client').textContent()).toBe(seedClient.replace(NOTES_URL, url))
    const running = page.waitForResponse(response => response.url().includes('/seed-client.js'))
    await showcase.press('Open the line')
    expect(await (await running).text()).toBe(seedClient.replace(NOTES_URL, url))
  })

  test('it opens, says hello, and shows open and message as they happen', async () => {
    expect([await showcase.state, await showcase.events()]).toEqual([
      'not opened yet',
      { open: 0, message: 0, error: 0, close: 0 },
    ])
    await showcase.press('Open the line')
    await showcase.row('message')
    await showcase.row('console\\.log', 1)
    expect(await showcase.rows()).toEqual([
      ['run', `new WebSocket("${server.url}/echo")`, ''],
      ['open', expect.stringMatching(/^protocol "", extensions "permessage-deflate[^"]*"$/), ''],
      ['console.log', 'Connected to WebSocket server', ''],
      ['message', 'JSON text, 42 bytes', HELLO],
      ['console.log', `Message from server: ${HELLO}`, ''],
    ])
    expect([await showcase.state, await showcase.events()]).toEqual([
      '1 OPEN',
      { open: 1, message: 1, error: 0, close: 0 },
    ])
    expect(showcase.console.map(message => message.text())).toEqual([
      'Connected to WebSocket server',
      `Message from server: ${HELLO}`,
    ])
    expect(showcase.complaints).toEqual([])
  })

  test('text, JSON and bytes go over that socket and come back', async () => {
    await showcase.press('Open the line')
    await showcase.row('message')
    await showcase.send('Text', 'žluťoučký kůň 🐎')
    expect(await showcase.row('message', 1)).toEqual(['message', 'text, 24 bytes', 'žluťoučký kůň 🐎'])
    await showcase.send('JSON', '{"a": [1, 2]}')
    expect(await showcase.row('message', 2)).toEqual(['message', 'JSON text, 13 bytes', '{"a": [1, 2]}'])
    await showcase.send('Binary', '00 ff 7a')
    const [, facts] = await showcase.row('message', 3)
    expect(facts).toBe('binary, 3 bytes')
    await showcase.page.locator('.entry.message .content', { hasText: '00 ff 7a' }).waitFor()
    expect(await showcase.row('sent', 2)).toEqual(['sent', 'binary, 3 bytes', '00 ff 7a'])
    expect(showcase.complaints).toEqual([])
  })

  test('closing with a code and a reason is shown, and nothing can be sent then', async () => {
    await showcase.press('Open the line')
    await showcase.row('message')
    await showcase.page.getByLabel('Close code').fill('4000')
    await showcase.page.getByLabel('Reason').fill('enough')
    await showcase.press('Close')
    expect(await showcase.row('close')).toEqual(['close', 'code 4000, reason "enough", wasClean true', ''])
    expect(await showcase.row('console\\.log', 2)).toEqual(['console.log', 'WebSocket connection closed', ''])
    expect([await showcase.state, await showcase.events()]).toEqual([
      '3 CLOSED',
      { open: 1, message: 1, error: 0, close: 1 },
    ])
    expect(await showcase.page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)
  })

  test('a route that refuses is an error event, then a close event with 1006', async () => {
    await showcase.press('a route that refuses')
    await showcase.row('console\\.log')
    expect(await showcase.rows()).toEqual([
      ['run', `new WebSocket("${server.url}/refused")`, ''],
      ['error', 'browsers do not tell pages why; the close event follows', ''],
      ['console.error', 'WebSocket Error: Event { type: "error" }', ''],
      ['close', 'code 1006, reason "", wasClean false', ''],
      ['console.log', 'WebSocket connection closed', ''],
    ])
    expect(await showcase.events()).toEqual({ open: 0, message: 0, error: 1, close: 1 })
    // The first line is the browser's own, the second the client's: it calls console.error.
    expect(showcase.complaints).toEqual([
      expect.stringContaining(`WebSocket connection to '${server.url}/refused' failed`),
      'WebSocket Error: Event',
    ])
  })

  test('one that says why is opened, and closed with 4401 and a reason', async () => {
    await showcase.press('one that says why')
    expect(await showcase.row('close')).toEqual([
      'close',
      'code 4401, reason "this route lets nobody in", wasClean true',
      '',
    ])
    expect((await showcase.events())['error']).toBe(0)
    expect(showcase.complaints).toEqual([])
  })

  test('a message that is too big for the server is closed with 1009', async () => {
    await showcase.press('Open the line')
    await showcase.row('message')
    await showcase.send('Text', 'x'.repeat(65_537))
    expect((await showcase.row('close'))[1]).toMatch(
      /^code 1009, reason "message .*maxMessage: 65536\)", wasClean true$/,
    )
  })

  test('two windows meet in a room', async () => {
    const other = await Showcase.open(context, server)
    await showcase.dial(`${server.url}/rooms/lobby`)
    await showcase.row('message')
    await other.dial(`${server.url}/rooms/lobby`)
    await showcase.row('message', 1)
    await other.send('Text', 'from the other window')
    expect(await showcase.row('message', 2)).toEqual(['message', 'text, 21 bytes', 'from the other window'])
  })

  test('the scheme and the URL follow each other, and an honest word says what to expect', async () => {
    const { page } = showcase
    const [own, other] = scheme === 'ws' ? ['ws://', 'wss://'] : ['wss://', 'ws://']
    expect(await page.getByRole('radio', { name: own }).isChecked()).toBe(true)
    await page.getByText(other, { exact: true }).click()
    expect(await page.getByLabel('URL').inputValue()).toBe(`${other}${new URL(server.url).host}/echo`)
    expect(await page.locator('#client-url').textContent()).toBe(`${other}${new URL(server.url).host}/echo`)
    expect(await page.locator('#advice').textContent()).toContain(`This server speaks ${own}`)
    await page.getByLabel('URL').fill(`${own}example.com/`)
    expect(await page.getByRole('radio', { name: own }).isChecked()).toBe(true)
  })

  test('nothing is asked of another host', async () => {
    await showcase.press('Open the line')
    await showcase.row('message')
    const hosts = showcase.requests.map(request => new URL(request).host)
    expect(new Set(hosts)).toEqual(new Set([new URL(server.url).host]))
  })

  test('a server that is killed while the line is open is a close with 1006', async () => {
    await using doomed = await serving(...options)
    const other = await Showcase.open(context, doomed)
    await other.press('Open the line')
    await other.row('message')
    doomed.process.kill('SIGKILL')
    expect(await other.row('close')).toEqual(['close', 'code 1006, reason "", wasClean false', ''])
  })

  test('a server that stops says so: 1012', async () => {
    await using stopping = await serving(...options)
    const other = await Showcase.open(context, stopping)
    await other.press('Open the line')
    await other.row('message')
    stopping.process.kill('SIGTERM')
    expect(await other.row('close')).toEqual([
      'close',
      'code 1012, reason "the server is closing, connect again", wasClean true',
      '',
    ])
    expect((await stopping.ended()).code).toBe(0)
  })

  if (scheme === 'wss') return

  describe('whatever the scheme', () => {
    test('a file is sent as bytes', async () => {
      await showcase.press('Open the line')
      await showcase.row('message')
      await showcase.page.getByText('Binary', { exact: true }).click()
      await showcase.page.locator('#file').setInputFiles(file('bytes.bin', Uint8Array.of(1, 2, 254)))
      await showcase.press('Send')
      expect(await showcase.row('sent')).toEqual(['sent', 'binary, 3 bytes', 'bytes.bin'])
      await showcase.page.locator('.entry.message .content', { hasText: '01 02 fe' }).waitFor()
    })

    test.each([
      ['JSON', '{"a":', 'This is not JSON yet.'],
      ['Binary', 'xyz', 'Write pairs of hexadecimal digits'],
    ] as const)('%s that is none is not sent, and the page says so', async (kind, text, note) => {
      await showcase.press('Open the line')
      await showcase.row('message')
      await showcase.send(kind, text)
      await showcase.page.getByText(note).waitFor()
      expect((await showcase.events())['message']).toBe(1)
    })

    test('Enter sends', async () => {
      await showcase.press('Open the line')
      await showcase.row('message')
      await showcase.page.getByRole('textbox', { name: 'Text' }).fill('by the keyboard')
      await showcase.page.keyboard.press('Enter')
      expect(await showcase.row('message', 1)).toEqual(['message', 'text, 15 bytes', 'by the keyboard'])
    })

    test.each([
      ['1001', 'bye', 'Browsers let pages close with 1000, or with 3000 to 4999.'],
      ['x', 'bye', 'The code is a number'],
      ['1000', 'x'.repeat(124), 'A reason has at most 123 bytes.'],
    ])('close code %s with reason %s is refused with a word', async (code, reason, note) => {
      await showcase.press('Open the line')
      await showcase.row('message')
      await showcase.page.getByLabel('Close code').fill(code)
      await showcase.page.getByLabel('Reason').fill(reason)
      await showcase.press('Close')
      await showcase.page.getByText(note).waitFor()
      expect(await showcase.state).toBe('1 OPEN')
    })

    test('running it again begins anew, and the line before is gone', async () => {
      await showcase.press('Open the line')
      await showcase.row('message')
      await showcase.press('Open the line')
      await showcase.row('message')
      expect(await showcase.events()).toEqual({ open: 1, message: 1, error: 0, close: 0 })
      expect(await showcase.page.locator('iframe').count()).toBe(1)
    })

    test.each([
      'http://example.com/',
      'ws://',
      'nonsense',
      'ws://host/#fragment',
      'javascript:alert(1)',
      '");alert(1);("',
    ])('%s is not dialled', async text => {
      await showcase.dial(text)
      await showcase.page.getByText('A WebSocket URL begins with ws:// or wss:// and has no #.').waitFor()
      expect(await showcase.rows()).toEqual([])
      expect(await showcase.page.locator('#url').getAttribute('aria-invalid')).toBe('true')
    })

    test('what a URL brings along runs nowhere', async () => {
      let dialogs = 0
      showcase.page.on('dialog', dialog => {
        dialogs++
        return dialog.dismiss()
      })
      const attempts = [
        '/?");alert(1)//',
        "/?');alert(1)//",
        '/<img src=x onerror=alert(1)>',
        '/?</script><script>alert(1)</script>',
      ]
      for (const attempt of attempts) {
        await showcase.dial(server.url + attempt)
        await showcase.row('close')
      }
      const origin = server.url.replace('ws', 'http')
      for (const attempt of ['");alert(1)//', '"><script>alert(1)</script>', 'javascript:alert(1)'])
        await showcase.page.goto(`${origin}/frame.html?url=${encodeURIComponent(attempt)}`)
      expect(dialogs).toBe(0)
    })

    test('the frame does nothing when somebody links to it', async () => {
      const scripts: string[] = []
      showcase.page.on('request', request => scripts.push(request.url()))
      const origin = server.url.replace('ws', 'http')
      await showcase.page.goto(`${origin}/frame.html?url=${encodeURIComponent(`${server.url}/echo`)}`, {
        waitUntil: 'networkidle',
      })
      expect(scripts.filter(url => url.includes('seed-client'))).toEqual([])
    })

    test.each([
      [390, 844],
      [320, 568],
      [1280, 900],
    ])('nothing sticks out sideways at %i × %i', async (width, height) => {
      await showcase.page.setViewportSize({ width, height })
      await showcase.press('Open the line')
      await showcase.row('message')
      await showcase.send('Text', 'x'.repeat(2000))
      await showcase.row('message', 1)
      expect(await showcase.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    })

    test.each([390, 1200])('all of the code is seen at a width of %i', async width => {
      await showcase.page.setViewportSize({ width, height: 900 })
      const hidden = await showcase.page.locator('.code pre').evaluate(pre => pre.scrollWidth - pre.clientWidth)
      expect(hidden).toBe(0)
    })

    test('each control has a name, and the keyboard reaches it', async () => {
      await showcase.press('Open the line')
      await showcase.row('message')
      const reached = new Set<string>()
      for (let presses = 0; presses < 20; presses++) {
        await showcase.page.keyboard.press('Tab')
        reached.add(
          await showcase.page.evaluate(() => {
            const { activeElement: element } = document
            const labels = (element as HTMLInputElement | null)?.labels
            return (
              labels?.[0]?.textContent ??
              element?.getAttribute('aria-label') ??
              element?.textContent ??
              ''
            ).trim()
          }),
        )
      }
      for (const name of ['a route that refuses', 'What happened', 'Text', 'Send', 'Close code', 'Reason', 'Close'])
        expect(reached).toContain(name)
    })
  })
})
