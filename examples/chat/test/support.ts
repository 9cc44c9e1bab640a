/** Somebody in the chat, as the tests have them: a page that is used as a person would, and a picture to show. */
import { deflateSync } from 'node:zlib'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'

const LINE_LOST = /^WebSocket connection to '.*' failed/

export class Person implements AsyncDisposable {
  readonly page: Page
  /** What the page threw, and what the console of the browser complained about. */
  readonly faults: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('pageerror', error => this.faults.push(`${error}`))
    page.on('console', message => {
      // The browser says by itself that it could not connect.
      if (message.type() !== 'log' && !LINE_LOST.test(message.text())) this.faults.push(message.text())
    })
  }

  /** Opens the page: in a browser, with a network of its own, or as another tab of a window. */
  static async come(place: Browser | BrowserContext, url: string): Promise<Person> {
    const person = new Person(await place.newPage())
    await person.page.goto(`${url.replace('ws', 'http')}/chat`)
    return person
  }

  /** Somebody who has entered. */
  static async enter(place: Browser | BrowserContext, url: string, name: string, room = 'lobby'): Promise<Person> {
    const person = await Person.come(place, url)
    await person.enter(name, room)
    await person.isIn(room)
    return person
  }

  async enter(name: string, room = 'lobby'): Promise<void> {
    await this.page.getByLabel('Your name').fill(name)
    await this.page.getByLabel('Room', { exact: true }).fill(room)
    await this.press('Enter')
  }

  /** Goes to another room. */
  async go(room: string): Promise<void> {
    await this.page.getByLabel('Another room').fill(room)
    await this.press('Go')
    await this.isIn(room)
  }

  /** Fulfilled when all is there that was said before. */
  async isIn(room: string): Promise<void> {
    await this.page.locator('#room-name', { hasText: new RegExp(`^${room}$`) }).waitFor()
    await this.status('Connected').waitFor()
    await this.page.locator('#log[aria-live="polite"]').waitFor()
  }

  press(name: string): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click()
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' })
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.page.keyboard.press('Enter')
  }

  status(word: string): Locator {
    return this.page.locator('#line-word', { hasText: word })
  }

  /** The texts in the room, as they stand there. */
  texts(): Promise<string[]> {
    return this.page.locator('#said .text').allTextContents()
  }

  async notices(): Promise<string[]> {
    return this.page.locator('.notice').allTextContents()
  }

  /** Fulfilled when this stands in the room. */
  async sees(text: string): Promise<void> {
    await this.page.locator('#said').getByText(text, { exact: true }).waitFor()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close()
  }
}

/** A number for all pixels of a picture on a page. */
export const pixelsOf = (image: Locator): Promise<number> =>
  image.evaluate(async element => {
    const picture = element as HTMLImageElement
    await picture.decode()
    const { naturalWidth: width, naturalHeight: height } = picture
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')
    context?.drawImage(picture, 0, 0)
    const pixels = context?.getImageData(0, 0, width, height).data ?? []
    let sum = width * height
    for (const value of pixels) sum = (Math.imul(sum, 31) + value) | 0
    return sum
  })

/** A picture whose bytes cannot be compressed: three for each pixel. */
export function picture(width: number, height: number): Buffer {
  const rows = Buffer.alloc(height * (1 + 3 * width))
  let seed = 1
  for (let at = 0; at < rows.length; at++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    rows[at] = at % (1 + 3 * width) === 0 ? 0 : seed >>> 24
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')])
}

/** A chunk of PNG: length, type, data, CRC-32. */
function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return ~sum >>> 0
}
