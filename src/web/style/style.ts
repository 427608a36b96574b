import { base } from './base.ts'
import { controls } from './controls.ts'
import { parts } from './parts.ts'

/** The pages' only style sheet. */
export const style = base + controls + parts
