/** Publications as hotline.1 sends them: each is written once for each form, and framed once for all sockets. */
import { Prepared } from '../../connection/prepared.ts'
import { nodeRuntime } from '../../runtime/node/runtime.ts'
import type { Publication } from '../../topics/publication.ts'
import type { Form } from '../../topics/wire/form.ts'

/** What makes the frame of a publication: pass it to `publication.form`. */
export type Framing = (publication: Publication) => Prepared

const FRAMINGS = new WeakMap<Form, Framing>()

/** The same function for the same form, so that a publication is written once. */
export function framingOf(form: Form): Framing {
  const known = FRAMINGS.get(form)
  if (known !== undefined) return known
  const framing: Framing = ({ topic, offset, data = null }) => {
    const message = { type: 'publication', topic, ...(offset === undefined ? {} : { offset }), data }
    return new Prepared(form.encode(message), nodeRuntime.codec)
  }
  FRAMINGS.set(form, framing)
  return framing
}
