import { provesAttach } from '../../test/support/attached.ts'

provesAttach(import.meta.url, /^there is nothing here$/m)
