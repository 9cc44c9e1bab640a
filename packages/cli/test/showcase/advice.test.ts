import { expect, test } from 'vitest'
import { advice } from '../../src/showcase/advice.ts'

test.each([
  ['ws://127.0.0.1:8080/echo', 'http://127.0.0.1:8080/', 'fine on your own machine'],
  ['ws://localhost/', 'http://127.0.0.1:8080/', 'fine on your own machine'],
  ['ws://[::1]:1/', 'https://example.com/', 'fine on your own machine'],
  ['ws://example.com/', 'http://127.0.0.1:8080/', 'everybody on the way can read it'],
  ['ws://example.com/', 'https://127.0.0.1:8080/', 'mixed content'],
  ['ws://127.0.0.1.example.com/', 'https://127.0.0.1:8080/', 'mixed content'],
  ['ws://127.0.0.1:8080/', 'https://127.0.0.1:8080/', 'This server speaks wss://'],
  ['wss://127.0.0.1:8080/', 'https://127.0.0.1:8080/', 'the certificate that brought you this page'],
  ['wss://127.0.0.1:8080/', 'http://127.0.0.1:8080/', 'hotline serve --tls-self-signed'],
  ['wss://example.com/', 'http://127.0.0.1:8080/', 'open https://example.com/ in a tab'],
])('%s on a page from %s: %s', (url, page, word) => expect(advice(new URL(url), new URL(page))).toContain(word))
