/** RFC 6455 §8.1, RFC 3629 §3 and §4: what is UTF-8, and what is not. */
import type { Vector } from './vector.ts'

const failed: Vector['told'] = [['fail', 1007], ['hangup']]

const wellFormed: readonly (readonly [name: string, bytes: string, text: string])[] = [
  ['U+0000', '00', '\u0000'],
  ['U+007F', '7f', '\u007f'],
  ['U+0080, the first of two bytes', 'c2 80', '\u0080'],
  ['U+07FF, the last of two bytes', 'df bf', '\u07ff'],
  ['U+0800, the first of three bytes', 'e0 a0 80', '\u0800'],
  ['U+D7FF, the last before the surrogates', 'ed 9f bf', '\ud7ff'],
  ['U+E000, the first after the surrogates', 'ee 80 80', '\ue000'],
  ['U+FEFF, the byte order mark, which stays', 'ef bb bf', '\ufeff'],
  ['U+FFFD', 'ef bf bd', '\ufffd'],
  ['U+FFFE, which is no character', 'ef bf be', '\ufffe'],
  ['U+FFFF, the last of three bytes', 'ef bf bf', '\uffff'],
  ['U+10000, the first of four bytes', 'f0 90 80 80', '\u{10000}'],
  ['U+3FFFF', 'f0 bf bf bf', '\u{3ffff}'],
  ['U+40000', 'f1 80 80 80', '\u{40000}'],
  ['U+10FFFF, the last there is', 'f4 8f bf bf', '\u{10ffff}'],
]

/** Bytes that no text can begin with, the last of which is the first wrong one. */
const malformed: readonly (readonly [name: string, bytes: string])[] = [
  ['80, a continuation byte first', '80'],
  ['bf, a continuation byte first', 'bf'],
  ['c0, which could only be too long', 'c0'],
  ['c1, which could only be too long', 'c1'],
  ['e0 80, too long', 'e0 80'],
  ['e0 9f, too long', 'e0 9f'],
  ['f0 80, too long', 'f0 80'],
  ['f0 8f, too long', 'f0 8f'],
  ['ed a0, a surrogate', 'ed a0'],
  ['ed bf, a surrogate', 'ed bf'],
  ['f4 90, above U+10FFFF', 'f4 90'],
  ['f5, above U+10FFFF', 'f5'],
  ['f8, five bytes', 'f8'],
  ['fc, six bytes', 'fc'],
  ['fe', 'fe'],
  ['ff', 'ff'],
  ['c3 28, the second byte missing', 'c3 28'],
  ['c3 c3, the second byte missing', 'c3 c3'],
  ['e2 28, the second of three missing', 'e2 28'],
  ['e2 82 28, the third byte missing', 'e2 82 28'],
  ['f0 9f 28, the third of four missing', 'f0 9f 28'],
  ['f0 9f 98 28, the fourth byte missing', 'f0 9f 98 28'],
  ['e2 82 c0, a lead byte within', 'e2 82 c0'],
  ['c3 a4 80, a continuation byte too many', 'c3 a4 80'],
  ['f0 9f 98 80 80, a continuation byte too many', 'f0 9f 98 80 80'],
]

const unfinished: readonly string[] = ['c3', 'e2', 'e2 82', 'f0', 'f0 9f', 'f0 9f 98', 'ed 9f', 'f4 8f bf']

const count = (bytes: string): number => bytes.split(' ').length
const size = (length: number): string => length.toString(16).padStart(2, '0')
const octets = (bytes: string): string => `${size(count(bytes))} ${bytes}`
const oneByOne = (bytes: string): string =>
  bytes
    .split(' ')
    .map((octet, i) => `${i === 0 ? '01' : '00'} 01 ${octet}`)
    .join(' | ')

export const utf8: readonly Vector[] = [
  ...wellFormed.flatMap(([name, bytes, text]): Vector[] => [
    { name: `reads ${name}`, clause: '§8.1', role: 'both', hex: `81 ${octets(bytes)}`, told: [['text', text]] },
    {
      name: `reads ${name} between letters, a fragment for each byte`,
      clause: '§8.1',
      role: 'both',
      hex: `${oneByOne(`41 ${bytes}`)} | 80 01 42`,
      told: [['text', `A${text}B`]],
    },
    {
      name: `reads ${name} at the end of 120 bytes`,
      clause: '§8.1',
      role: 'both',
      hex: `81 ${size(120)} 41*${120 - count(bytes)} ${bytes}`,
      told: [['text', 'A'.repeat(120 - count(bytes)) + text]],
    },
  ]),
  ...malformed.flatMap(([name, bytes]): Vector[] => [
    {
      name: `fails the connection upon ${name}, in one frame`,
      clause: '§8.1',
      role: 'both',
      hex: `81 ${size(count(bytes) + 2)} 41 ${bytes} 42`,
      told: failed,
    },
    {
      name: `fails the connection upon ${name}, in a fragment for each byte, without waiting for the last one`,
      clause: '§8.1',
      role: 'both',
      hex: oneByOne(`41 ${bytes}`),
      told: failed,
    },
    {
      name: `fails the connection upon ${name}, in a frame of which the rest has not come`,
      clause: '§8.1',
      role: 'both',
      hex: `81 7e 01 00 41 41 41 ${bytes}`,
      told: failed,
    },
    {
      name: `fails the connection upon ${name}, behind 200 letters`,
      clause: '§8.1',
      role: 'both',
      hex: `01 7e 00 c8 41*200 | 00 ${octets(bytes)}`,
      told: failed,
    },
  ]),
  ...unfinished.flatMap((bytes): Vector[] => [
    {
      name: `fails the connection when a message ends with ${bytes}`,
      clause: '§8.1',
      role: 'both',
      hex: `81 ${octets(`41 ${bytes}`)}`,
      told: failed,
    },
    {
      name: `fails the connection when the last fragment leaves ${bytes} unfinished`,
      clause: '§8.1',
      role: 'both',
      hex: `${oneByOne(bytes)} | 80 00`,
      told: failed,
    },
  ]),
]
