import { writeFileSync } from 'node:fs'
import { commandLine } from '../program.ts'
import { manPage } from './man-page.ts'

writeFileSync(new URL('../../../docs/postern.1', import.meta.url), manPage(commandLine()))
