/**
 * `npm run screenshots`: each page of `hotline serve` as a person sees it at work, at phone and desktop size, light and dark.
 * Into screenshots/, or into the folder that is named; --only NAME for one page. With --readme, the few that the README shows,
 * into docs/screenshots.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { findChromium } from './browsers.mjs'

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ width: number, height: number }} Size */

/** @type {Readonly<Record<string, Size>>} */
const sizes = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } }
const schemes = /** @type {const} */ (['light', 'dark'])

/** What the README shows. */
const chosen = ['chat-desktop-light', 'ticker-desktop-dark', 'game-desktop-light', 'compare-desktop-light']

/** How each page gets to where there is something to see. @type {Readonly<Record<string, (page: Page) => Promise<void>>>} */
const scenes = {
  index: async () => {},
  async events(page) {
    await page.getByRole('button', { name: 'Open the line' }).click()
    await page.locator('.entry.message').first().waitFor()
  },
  chat: talk,
  async ticker(page) {
    await page.waitForTimeout(6_000)
  },
  async game(page) {
    await page.getByLabel('Your name').fill('Ada')
    await page.getByRole('button', { name: 'Play' }).click()
    await page.keyboard.down('KeyD')
    await page.waitForTimeout(2_500)
  },
  async compare(page) {
    await page.waitForTimeout(9_000)
  },
}

/** Each picture has a room of its own, in which nobody has talked before. */
const rooms = ['lobby', 'garden', 'attic', 'cellar']

/** Two people who talk. @param {Page} page */
async function talk(page) {
  const room = rooms.shift() ?? 'lobby'
  const other = await page.context().newPage()
  await other.goto(page.url())
  for (const [tab, name] of /** @type {const} */ ([
    [page, 'Ada'],
    [other, 'Grace'],
  ])) {
    await tab.getByLabel('Your name').fill(name)
    await tab.locator('#room').fill(room)
    await tab.getByRole('button', { name: 'Enter' }).click()
    await tab.locator('#line[data-status="open"]').waitFor()
  }
  for (const [tab, words] of /** @type {const} */ ([
    [page, 'Is the line still up?'],
    [other, 'It went down twice, and came back by itself.'],
    [page, 'And what I wrote meanwhile?'],
    [other, 'All of it is here, once.'],
  ])) {
    await tab.locator('#text').fill(words)
    await tab.locator('#text').press('Enter')
    await page.getByText(words).first().waitFor()
  }
  await other.locator('#text').pressSequentially('Look')
  await page.bringToFront()
  await page.waitForTimeout(500)
}

const { values, positionals } = parseArgs({
  options: { readme: { type: 'boolean', default: false }, only: { type: 'string' } },
  allowPositionals: true,
})
const { only } = values
if (only !== undefined && !Object.hasOwn(scenes, only)) {
  console.error(`screenshots: --only takes one of ${Object.keys(scenes).join(', ')}`)
  process.exit(2)
}
const folder = values.readme
  ? fileURLToPath(new URL('../docs/screenshots', import.meta.url))
  : (positionals[0] ?? 'screenshots')
mkdirSync(folder, { recursive: true })

const { path, reason } = findChromium()
if (path === undefined) throw new Error(reason)
const bin = fileURLToPath(new URL('../packages/cli/bin/hotline.js', import.meta.url))
const server = spawn(process.execPath, [bin, 'serve', '--port', '0', '--quiet'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [url] = await once(createInterface({ input: server.stdout }), 'line')
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] })
try {
  for (const [name, play] of Object.entries(scenes)) if (only === undefined || only === name) await shoot(name, play)
} finally {
  await browser.close()
  server.kill()
}

/**
 * @param {string} name
 * @param {(page: Page) => Promise<void>} play
 */
async function shoot(name, play) {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of schemes) {
      const file = `${name}-${size}-${colorScheme}`
      if (values.readme && !chosen.includes(file)) continue
      const context = await browser.newContext({ viewport, colorScheme })
      const page = await context.newPage()
      await page.goto(`${url.replace('ws', 'http')}/${name === 'index' ? '' : name}`)
      await play(page)
      await page.screenshot({ path: `${folder}/${file}.png`, fullPage: !values.readme })
      await context.close()
      console.log(file)
    }
  }
}
