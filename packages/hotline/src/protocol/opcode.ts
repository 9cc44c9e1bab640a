/** Frame opcodes and what can be asked of them. RFC 6455 §5.2, §11.8 */
export const Opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const
/** One of the opcodes that RFC 6455 §11.8 registers. */
export type Opcode = (typeof Opcode)[keyof typeof Opcode]

/** Which end of the line: a client masks, a server does not. RFC 6455 §5.1 */
export type Role = 'client' | 'server'

/** Control frames have the highest bit of the opcode set. RFC 6455 §5.5 */
export const isControl = (opcode: number): boolean => (opcode & 0x8) !== 0

/** True for the opcodes that the standard defines; the others are reserved. RFC 6455 §5.2 */
export const isDefined = (opcode: number): opcode is Opcode => opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xa)
