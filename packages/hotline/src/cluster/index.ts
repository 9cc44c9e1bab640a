/**
 * `hotline/cluster`: several processes of one machine as one system, without an engine beside them.
 *
 * @packageDocumentation
 */
export type { Backplane } from '../backplane/backplane.ts'
export { BackplaneError } from '../errors.ts'
export { clusterBackplane } from './backplane.ts'
export { type Relayed, type RelayOptions, relay } from './relay.ts'
