/** Before a package is built: empties its dist/, so that nothing of a file that is gone is published. */
import { rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
