/** The client of section 6 of the notes, as they have it. */
import { readFileSync } from 'node:fs'

/** Where the notes' own URL stands. */
export const NOTES_URL = 'wss://example.com/socket'

export const seedClient = readFileSync(new URL('../fixtures/seed-client.txt', import.meta.url), 'utf8')
