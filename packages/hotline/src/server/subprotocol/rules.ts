/** What holds for the lines of a route that speak hotline.1. */
import type { Form } from '../../topics/wire/form.ts'
import type { RequestHandler } from '../routes.ts'
import type { Framing } from './frames.ts'

export interface LineRules {
  readonly form: Form
  readonly framing: Framing
  readonly requests: Readonly<Record<string, RequestHandler>>
  readonly maxSubscriptions: number
  readonly maxRequests: number
  readonly requestTimeout: number
  readonly permissionTimeout: number
  readonly maxPublications: number
}
