import { describe, expect, test } from 'vitest'
import { count, header, hex, port, proxies, seconds, secondsOrForever, size } from '../src/values.ts'

describe('a size', () => {
  test.each([
    ['1', 1],
    ['65536', 65_536],
    ['64KiB', 65_536],
    ['64kib', 65_536],
    ['512k', 524_288],
    ['16MiB', 16_777_216],
    ['16 MiB', 16_777_216],
    ['1m', 1_048_576],
    ['1MB', 1_000_000],
    ['100kB', 100_000],
    ['10B', 10],
    ['1.5MiB', 1_572_864],
    ['0.5k', 512],
    ['512MB', 512_000_000],
  ])('%s is %i bytes', (text, bytes) => expect(size(text)).toBe(bytes))

  test.each([
    '',
    '0',
    '-1',
    '1e6',
    'MiB',
    '12parsecs',
    '1.5',
    '0.3k',
    '1GiB',
    '513MB',
    '1,5MB',
    '0x10',
    'Infinity',
    'NaN',
    '16MiB!',
    '1 2',
  ])('%j is none', text => expect(() => size(text)).toThrow('must be a size'))
})

describe('a port', () => {
  test.each([
    ['0', 0],
    ['8080', 8080],
    ['65535', 65_535],
  ])('%s', (text, number) => expect(port(text)).toBe(number))

  test.each(['', '-1', '65536', '80.5', 'http', '0x50', ' 80'])('%j is none', text =>
    expect(() => port(text)).toThrow('must be a port'),
  )
})

describe('a count', () => {
  test('3', () => expect(count('3')).toBe(3))
  test.each(['', '0', '-1', '1.5', 'many'])('%j is none', text => expect(() => count(text)).toThrow('from 1 on'))
})

describe('seconds', () => {
  test.each([
    ['5', 5000],
    ['0.5', 500],
    ['0.0001', 1],
    ['2147483', 2_147_483_000],
  ])('%s are %i milliseconds', (text, milliseconds) => expect(seconds(text)).toBe(milliseconds))

  test.each(['', '0', '-1', '2147484', 'soon', '5s', 'forever'])('%j are none', text =>
    expect(() => seconds(text)).toThrow('must be seconds'),
  )

  test('forever, where that is welcome', () => expect(secondsOrForever('forever')).toBe(Number.POSITIVE_INFINITY))
  test('or not', () => expect(secondsOrForever('2')).toBe(2000))
})

describe('proxies', () => {
  test.each([
    ['any', true],
    ['0', 0],
    ['2', 2],
    ['127.0.0.1', ['127.0.0.1']],
    ['10.0.0.0/8, ::1,fd00::/8', ['10.0.0.0/8', '::1', 'fd00::/8']],
  ])('%j', (text, trusted) => expect(proxies(text)).toEqual(trusted))

  test.each(['', ',', 'true', '10.0.0.0/33', '10.0.0.0/', '/8', '::1/129', '127.0.0.1,', 'a.example', '1000', '1/8'])(
    '%j are none',
    text => expect(() => proxies(text)).toThrow('addresses and ranges'),
  )
})

describe('bytes', () => {
  test.each([
    ['', []],
    ['00', [0]],
    ['00ff7A', [0, 255, 122]],
    ['00 ff\t7a', [0, 255, 122]],
    ['de:ad:be:ef', [222, 173, 190, 239]],
  ])('%j', (text, bytes) => expect([...hex(text)]).toEqual(bytes))

  test.each(['0', 'fff', 'zz', '0x00', '00-11'])('%j are none', text => expect(() => hex(text)).toThrow('hexadecimal'))
})

describe('a header', () => {
  test.each([
    ['Authorization: Bearer abc', { Authorization: 'Bearer abc' }],
    ['X-Empty:', { 'X-Empty': '' }],
    ['X-Tight:value', { 'X-Tight': 'value' }],
    ['X-Url: https://a:1/', { 'X-Url': 'https://a:1/' }],
  ])('%j', (line, fields) => expect(header(line)).toEqual(fields))

  test.each(['', 'no colon', ': value', 'two words: value', 'Line: break\nX: y', 'Line: \r\nX: y'])(
    '%j is none',
    line => expect(() => header(line)).toThrow('a name and a value'),
  )

  test('a name that stands twice has both values, whatever its case', () => {
    expect(header('accept-language: fr', header('Accept-Language: de'))).toEqual({ 'Accept-Language': 'de, fr' })
  })

  test('cookies are joined as cookies are. RFC 6265 §4.2.1', () => {
    expect(header('Cookie: b=2', header('Cookie: a=1'))).toEqual({ Cookie: 'a=1; b=2' })
  })
})
