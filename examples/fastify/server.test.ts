import { provesAttach } from '../../test/support/attached.ts'

provesAttach(import.meta.url, /"Route GET:\/nothing not found"/)
