/** The forms of hotline.1 that a route speaks, the preferred one first. */
import { jsonForm } from '../../topics/wire/json.ts'
import { type MessagePackCodec, msgpackForm } from '../../topics/wire/msgpack.ts'
import { framingOf } from './frames.ts'
import type { LineRules } from './rules.ts'

/** By their subprotocols. */
export function linesOf(
  options: Omit<LineRules, 'form' | 'framing'> & { readonly messagePack?: MessagePackCodec },
): ReadonlyMap<string, LineRules> {
  const { messagePack, requests, maxSubscriptions, maxRequests, requestTimeout } = options
  const { permissionTimeout, maxPublications } = options
  const rules = { requests, maxSubscriptions, maxRequests, requestTimeout, permissionTimeout, maxPublications }
  const forms = messagePack === undefined ? [jsonForm] : [msgpackForm(messagePack), jsonForm]
  return new Map(forms.map(form => [form.protocol, { form, framing: framingOf(form), ...rules }] as const))
}
