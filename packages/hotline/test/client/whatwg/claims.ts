/** Every section, in the order of the standard. This is what a page is given. */
import { attributesSection } from './attributes.ts'
import { binaryTypeSection } from './binary-type.ts'
import { bufferedSection } from './buffered.ts'
import { closeArgumentsSection } from './close-arguments.ts'
import { closeEventSection } from './close-event.ts'
import { closingSection } from './closing.ts'
import { endedSection } from './ended.ts'
import { eventsSection } from './events.ts'
import { garbageSection } from './garbage.ts'
import { handlersSection } from './handlers.ts'
import { answerSection, requestSection } from './handshake.ts'
import { interfaceSection } from './interface.ts'
import type { Section } from './kit.ts'
import { listenersSection } from './listeners.ts'
import { orderSection } from './order.ts'
import { pingSection } from './ping.ts'
import { protocolsSection } from './protocols.ts'
import { receivingSection } from './receiving.ts'
import { sendSection } from './sending.ts'
import { urlSection } from './url.ts'

export const sections: readonly Section[] = [
  requestSection,
  answerSection,
  interfaceSection,
  urlSection,
  protocolsSection,
  attributesSection,
  closeArgumentsSection,
  closingSection,
  sendSection,
  orderSection,
  bufferedSection,
  binaryTypeSection,
  handlersSection,
  listenersSection,
  receivingSection,
  endedSection,
  eventsSection,
  pingSection,
  closeEventSection,
  garbageSection,
]
