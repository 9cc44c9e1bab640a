/** Publications as hotline.1 sends them: each is written once for each form, and framed once for all sockets. */
import { Prepared } from '../../connection/prepared.ts'
import { nodeRuntime } from '../../runtime/node/runtime.ts'
import type { Publication } from '../../topics/publication.ts'
import type { Form, WireData } from '../../topics/wire/form.ts'
import { jsonForm } from '../../topics/wire/json.ts'
import type { WirePublication } from '../../topics/wire/messages.ts'
import { sourceOf } from '../sources.ts'

/** What makes the frame of a publication: `publication.form` keeps it under this function. */
export type Framing = (publication: Publication) => Prepared

const FRAMINGS = new WeakMap<Form, Framing>()

/** The same function for the same form, so that a publication is written once. */
export function framingOf(form: Form): Framing {
  let framing = FRAMINGS.get(form)
  if (framing === undefined) {
    const write = form === jsonForm ? writeJson : (publication: Publication) => form.encode(messageOf(publication))
    framing = publication => new Prepared(write(publication), nodeRuntime.codec)
    FRAMINGS.set(form, framing)
  }
  return framing
}

/** Its data is not written a second time. */
function writeJson(publication: Publication): WireData {
  const { bytes, text, json } = sourceOf(publication)
  if (bytes !== undefined) return jsonForm.encode(messageOf(publication))
  const { data: _, ...head } = messageOf(publication)
  return `${JSON.stringify(head).slice(0, -1)},"data":${json ? text : JSON.stringify(text)}}`
}

/** With the data as it was when it was published. */
function messageOf(publication: Publication): WirePublication {
  const { topic, offset } = publication
  const { value: data } = sourceOf(publication)
  return { type: 'publication', topic, ...(offset === undefined ? {} : { offset }), data }
}
