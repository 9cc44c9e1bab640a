/** The forms of hotline.1 that a route speaks, the preferred one first. */
import { jsonForm } from '../../topics/wire/json.ts'
import { type MessagePackCodec, msgpackForm } from '../../topics/wire/msgpack.ts'
import type { LineRules } from './line.ts'

/** By their subprotocols. */
export function linesOf(
  options: Omit<LineRules, 'form'> & { readonly messagePack?: MessagePackCodec },
): ReadonlyMap<string, LineRules> {
  const { messagePack, requests, maxSubscriptions, maxRequests, requestTimeout } = options
  const forms = messagePack === undefined ? [jsonForm] : [msgpackForm(messagePack), jsonForm]
  return new Map(
    forms.map(form => [form.protocol, { form, requests, maxSubscriptions, maxRequests, requestTimeout }] as const),
  )
}
