/** A token goes as a subprotocol and comes back as it was. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { areProtocols } from '../../../src/protocol/handshake/subprotocol.ts'
import { isTokenProtocol, tokenOf, tokenProtocol } from '../../../src/topics/wire/token.ts'
import { page } from '../page.ts'

test('any text with a character is carried, as a token of RFC 6455', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), token => {
      const protocol = tokenProtocol(token)
      expect(isTokenProtocol(protocol)).toBe(true)
      expect(areProtocols([protocol])).toBe(true)
      expect(tokenOf(['hotline.1', protocol])).toBe(token)
    }),
    { numRuns: 200, seed: 5 },
  )
})

test('the one of docs/protocol.md is carried', () => {
  expect(page).toContain(`hotline.1, ${tokenProtocol('s3cr3t')}`)
})

test.each(['hotline.token.', 'hotline.token.a', 'hotline.token.a=', 'hotline.token._w', 'hotline.1', 'token.YQ'])(
  '%s carries none',
  protocol => {
    expect(tokenOf([protocol])).toBeUndefined()
  },
)
