/** Which contract a route was made of: for the document that describes a server. */
import type { Contract } from './contract.ts'

const contracts = new WeakMap<object, Contract>()

export const remember = (route: object, contract: Contract): void => void contracts.set(route, contract)

/** Undefined for what is no route of a contract. */
export const contractOf = (route: object): Contract | undefined => contracts.get(route)
