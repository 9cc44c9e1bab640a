/** The line of the page, with the types of the contract. */
import type { Line } from 'hotline/client'
import type { FromReply, TypedLine } from 'hotline/contract'
import type { chat } from '../contract.ts'

/** What goes over it is what the contract says. */
export type ChatLine = TypedLine<typeof chat, Line>

/** Who we are, by the word of the server. */
export type Me = FromReply<typeof chat, 'client', 'chat/hello'>
