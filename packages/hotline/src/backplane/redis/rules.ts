/** Rules of topics and servers, as the scripts take them. */
import type { Link } from './link.ts'

/** Milliseconds; 0 for without end. */
export const lasting = (age: number): string => (age === Number.POSITIVE_INFINITY ? '0' : whole(Math.max(1, age)))

export const whole = (value: number): string => String(Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER))

/** What decides whether what a server has kept is believed. */
export const trust = ({ server }: Link): { readonly run: string; readonly durable: string } => server
