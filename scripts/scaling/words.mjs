/** What the parts of the measurement say to each other. */

/** @typedef {'hotline' | 'socket.io'} System */
/** A rate in publications a second, or how many there may be from the beginning on. @typedef {{ rate?: number, allowed?: number }} ToNode */
/** What readers have by now: publications that all have, and how many deliveries that was. @typedef {{ seen: number, delivered: number }} Seen */
/** @typedef {{ p50: number, p99: number, count: number }} Latencies */
/** @typedef {{ ready?: true, seen?: Seen, latencies?: Latencies }} FromReaders */
/** @typedef {'begin' | 'end'} ToReaders */

export const TOPIC = 'scaling'
