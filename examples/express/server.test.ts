import { provesAttach } from '../../test/support/attached.ts'

provesAttach(import.meta.url, /Cannot GET \/nothing/)
