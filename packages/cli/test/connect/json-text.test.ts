import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import { layOut } from '../../src/connect/json-text.ts'

const plain = pc.createColors(false)
const colored = pc.createColors(true)

describe('JSON is laid out', () => {
  test.each([
    ['{}', '{}'],
    ['[]', '[]'],
    ['[ ]', '[]'],
    ['[1,2]', '[\n  1,\n  2\n]'],
    ['{"a":{"b":[]}}', '{\n  "a": {\n    "b": []\n  }\n}'],
    ['[{},[[]],null,true]', '[\n  {},\n  [\n    []\n  ],\n  null,\n  true\n]'],
    [' {"a" : 1} ', '{\n  "a": 1\n}'],
    ['{"a":"{,}[:]"}', '{\n  "a": "{,}[:]"\n}'],
    ['["\\"\\\\","\\u00e9"]', '[\n  "\\"\\\\",\n  "\\u00e9"\n]'],
  ])('%s', (text, laidOut) => expect(layOut(text, plain)).toBe(laidOut))

  test.each(['[12345678901234567890]', '[1.0]', '[1e400]', '[-0]', '{"a":1,"a":2}', '["\\ud83d"]'])(
    '%s, with its numbers, names and strings as they were written',
    text => expect(layOut(text, plain)?.replace(/\s/g, '')).toBe(text),
  )

  test('what it says stays the same', () => {
    const value = { a: [1, { b: 'c, d: [e]' }, []], 'f"g': null }
    expect(JSON.parse(layOut(JSON.stringify(value), plain) ?? '')).toEqual(value)
  })

  test('with colours for names, strings and the rest', () => {
    expect(layOut('{"a":"b","c":1}', colored)).toBe(
      `{\n  ${colored.cyan('"a"')}: ${colored.green('"b"')},\n  ${colored.cyan('"c"')}: ${colored.yellow('1')}\n}`,
    )
  })
})

test.each(['', 'hello', '{', '[1,]', "{'a':1}", '{} {}', '"text"', '12', 'null'])('%j reads as it is', text => {
  expect(layOut(text, plain)).toBeUndefined()
})

test('a long text takes no longer than its length', () => {
  expect(layOut(`["${'\\\\'.repeat(500_000)}"]`, plain)).toHaveLength(1_000_008)
  expect(layOut(`["${'\\\\'.repeat(500_000)}`, plain)).toBeUndefined()
})
