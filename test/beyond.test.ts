/** The arithmetic of docs/guide/beyond.md, and that its inputs are the figures of docs/guide/deploy.md. */
import { describe, expect, test } from 'vitest'
import { read } from './support/documents.ts'

const page = read('docs/guide/beyond.md')
const deployment = read('docs/guide/deploy.md')

const GIB = 2 ** 30

/** The last cell of the first row whose first cell begins so, as a number. */
function said(first: string, part = page): number {
  const row = part.split('\n').find(line => line.startsWith(`| ${first}`)) ?? expect.fail(`no row begins with ${first}`)
  const cell = row.split(' | ').at(-1) ?? ''
  return Number(/[\d.,]+/.exec(cell)?.[0].replaceAll(',', ''))
}

const section = (heading: string): string => page.split(/^## /m).find(part => part.startsWith(heading)) ?? ''

const [lines, publications, readers, load] = ['`lines`', '`publications`', '`readers`', '`load`'].map(name =>
  said(name),
)
const cost = (name: string): number => said(`\`${name}\``) / 1e6
const [delivery, publish, reading, engine, open] = ['delivery', 'publish', 'read', 'engine', 'open'].map(cost)
const memory = said('`memory`') * 1024

/** How many of so many servers have one of the readers, when these are anywhere. */
const touched = (servers: number): number => servers * (1 - (1 - 1 / servers) ** readers!)

test('what things cost is what the page on deployment says', () => {
  const cells = (first: string): string[] =>
    (deployment.split('\n').find(line => line.startsWith(`| ${first}`)) ?? '').split('|').map(cell => cell.trim())
  const numbers = (first: string): number[] => cells(first).map(cell => Number.parseFloat(cell))
  const line = numbers('`ws://`, hotline.1')
  expect([line[2], line[4]]).toEqual([memory / 1024, Math.round(open! * 1e6)])
  const [, , server, reader, redis] = numbers('32 | ')
  expect([server, reader, redis]).toEqual([publish, reading, engine].map(value => Math.round(value! * 1e6)))
  expect(numbers('one delivery of a broadcast')[2]).toBe(delivery! * 1e6)
})

test('lines in a GiB are what their memory says, and messages of a core what their CPU says', () => {
  const rows = [...deployment.matchAll(/^\| .* \| ([\d.]+) (KiB|µs) \| ([\d,]+)( a second)? \|/gm)]
  expect(rows).toHaveLength(8)
  for (const [, amount, unit, count] of rows) {
    const computed = unit === 'KiB' ? GIB / 1024 / Number(amount) : 1e6 / Number(amount)
    expect(Math.abs(Number(count!.replaceAll(',', '')) / computed - 1)).toBeLessThan(0.04)
  }
})

const deliveries = publications! * readers!
const deliver = deliveries * delivery!
const taking = publications! * publish!

describe('one cluster', () => {
  const part = section('One cluster')
  const of = (first: string): number => said(first, part)
  const spread = touched(30)
  const all = deliver + taking + publications! * spread * reading!

  test.each([
    ['deliveries', deliveries, 0],
    ['cores to deliver', deliver, 1],
    ['cores to publish', taking, 1],
    ['servers that read one', spread, 1],
    ['cores to read', publications! * spread * reading!, 1],
    ['cores in all', all, 1],
    ['servers |', Math.ceil(all / load!), 0],
    ['memory |', (lines! * memory) / GIB, 1],
    ['memory of a server', (lines! * memory) / GIB / 30, 1],
    ['Redis', publications! * engine!, 2],
  ])('%s', (first, value, digits) => expect(of(first).toFixed(digits)).toBe(value.toFixed(digits)))

  test('the engine at half of a core, and ten times the servers', () => {
    expect(part).toContain(`${(Math.round(load! / engine! / 100) * 100).toLocaleString('en')} publications a second`)
    expect(part).toContain(`on ${touched(300).toFixed(1)} of 300`)
  })
})

test('shards: how many lines a client with two topics has', () => {
  expect(page).toContain(`${(3 * (1 - (2 / 3) ** 2)).toFixed(2)} lines with 3 shards`)
})

test('lines where their topic is', () => {
  const part = section('Lines where')
  const there = publications! * reading!
  const all = deliver + taking + there
  expect(said('cores to read', part)).toBe(Number(there.toFixed(1)))
  expect(said('cores in all', part)).toBe(Number(all.toFixed(1)))
  expect(said('servers |', part)).toBe(Math.ceil(all / load!))
  expect(part).toContain(`${(publications! * (touched(30) - 1) * reading!).toFixed(1)} cores less`)
})

test('regions: traffic in megabytes a second', () => {
  const part = section('Regions')
  expect(said('traffic from the home', part)).toBe((publications! * 20 * 200) / 1e6)
  expect(said('the same where one', part)).toBe((publications! * 2 * 200) / 1e6)
  expect(said('the same to each client', part)).toBe(Math.round((deliveries * (2 / 3) * 200) / 1e6))
})

test('everybody at once: a zone, and a restart', () => {
  const part = section('Everybody')
  const back = Math.round(lines! / 3)
  const free = 20 * (1 - load!)
  expect(said('lines that come back', part)).toBe(back)
  expect(said('CPU to open', part)).toBe(Number((back * open!).toFixed(1)))
  expect(said('cores that are free', part)).toBe(free)
  expect(said('time until all', part)).toBe(Number(((back * open!) / free).toFixed(1)))
  expect(said('the same at the proxies', part)).toBe(Number(((back * 764e-6) / 8).toFixed(1)))
  expect(said('what the servers', part)).toBe(Math.round(free / open!))
  expect(said('it takes', part)).toBe((30 * 35) / 60)
  const moving = lines! / 30 / 30
  expect(said('lines that move', part)).toBe(Math.round(moving))
  expect(said('CPU for that', part)).toBe(Number((moving * open!).toFixed(1)))
  expect(said('three at a time', part)).toBe(Number((17.5 / 3).toFixed(1)))
})
