import { writeFileSync } from 'node:fs'
import { protocolSupport } from './document.ts'

writeFileSync(new URL('../../docs/protocol-support.md', import.meta.url), protocolSupport())
