import type { Completion } from './command.ts'
import { Parser } from './parser.ts'

/** Answers to a command whose literal is not taken, by the reason. RFC 5530 section 3. */
export const untaken: Readonly<Record<'too-large' | 'no-room', Completion>> = {
  'too-large': { status: 'NO', code: 'TOOBIG', text: 'The literal is too large' },
  'no-room': {
    status: 'NO',
    code: 'UNAVAILABLE',
    text: 'Too many messages are being put in at once, try again later',
  },
}

/** The tag of a command of which only the first line was read; `*` when there is none. */
export function tagOf(line: Buffer): string {
  try {
    return new Parser(line.subarray(0, 100)).tag()
  } catch {
    return '*'
  }
}
