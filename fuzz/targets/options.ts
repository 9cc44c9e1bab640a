/** What is typed behind the options of the command: a value in its range, or a sentence. */
import { count, header, hex, port, seconds, secondsOrForever, size } from '../../packages/cli/src/values.ts'
import { resolveClient } from '../../packages/hotline/src/client/options.ts'
import { UsageError } from '../../packages/hotline/src/errors.ts'
import { latin1, utf8 } from '../engine/bytes.ts'
import { claim, type Target } from '../engine/target.ts'
import { isPlainToken, isPlainValue } from '../reference/headers.ts'

const NUMBERS = [
  '0',
  '1',
  '-1',
  '1.5',
  '65535',
  '65536',
  '007',
  '1e3',
  '0x10',
  ' 5',
  '512',
  '2147483',
  '9'.repeat(30),
  '',
  '.5',
  '5.',
]
const UNITS = ['', 'k', 'KB', 'KiB', 'm', 'MB', 'MiB', 'b', 'g', ' k', 'kk', 'constructor', '__proto__']
const LINES = [
  'A: b',
  'A:b',
  'A : b',
  ': b',
  'A',
  'A: b\r\nC: d',
  'Cookie: a=1',
  '__proto__: x',
  'X-é: a',
  'X: é',
  'X: \t y \t',
  'a:',
]

/** What an option makes of a text; undefined where it refuses. */
function read<T>(option: (text: string) => T, text: string): T | undefined {
  try {
    return option(text)
  } catch (error) {
    if ((error as { code?: string }).code === 'commander.invalidArgument') return undefined
    throw error
  }
}

const isInteger = (value: number | undefined, from: number, to: number): boolean =>
  value === undefined || (Number.isInteger(value) && value >= from && value <= to)

export const options: Target = {
  name: 'options',
  about:
    'the values of the options of hotline serve, connect and bench: in their range, or refused; headers of a client',
  longest: 300,

  make(random) {
    if (random.oneIn(3)) return utf8(random.pick(LINES))
    return utf8(random.pick(NUMBERS) + random.pick(UNITS))
  },

  run(input) {
    const text = latin1(input)
    claim(isInteger(read(size, text), 1, 512_000_000), 'a size is in its range', text)
    claim(isInteger(read(port, text), 0, 65_535), 'a port is in its range', text)
    claim(
      isInteger(read(count, text), 1, Number.POSITIVE_INFINITY) || read(count, text) === Infinity,
      'a count is one',
      text,
    )
    claim(isInteger(read(seconds, text), 1, 2_147_483_000), 'seconds are milliseconds of a timer', text)
    const forever = read(secondsOrForever, text)
    claim(forever === Infinity || isInteger(forever, 1, 2_147_483_000), 'seconds, or for ever', text)
    const digits = read(hex, text)
    const plain = text.replace(/[\s:]/g, '')
    claim(
      (digits !== undefined) === /^(?:[0-9a-fA-F][0-9a-fA-F])*$/.test(plain),
      'hexadecimal digits come in pairs',
      text,
    )
    claim(
      digits === undefined || Buffer.from(digits).toString('hex') === plain.toLowerCase(),
      'hexadecimal is read',
      text,
    )
    headers(text)
  },
}

/** A header that the command line takes is one that may be sent, or is refused by name before anything is. */
function headers(text: string): void {
  const given = read(header, text)
  if (given === undefined) return
  const [name = '', value = ''] = Object.entries(given)[0] ?? []
  claim(isPlainToken(name) && Object.keys(given).length === 1, 'a header has a name', text)
  try {
    const { headers } = resolveClient({ headers: given }, 'connect')
    claim(isPlainValue(headers[name] as string) && headers[name] === value, 'a header that is sent ends no line', text)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
  }
}
