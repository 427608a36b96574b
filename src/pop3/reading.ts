import { Arguments, ProtocolError } from './arguments.ts'
import type { Command, CommandState } from './command.ts'
import { refusal } from './refusals.ts'
import { registry } from './registry.ts'

/** What a line says. */
export type Reading =
  | { readonly kind: 'command'; readonly command: Command<unknown>; readonly args: unknown }
  | { readonly kind: 'wrong'; readonly answer: string; readonly secret: boolean }

/** No command's name is longer. RFC 1939 section 3. */
const longestName = 12

/** Finds the command, then looks at the state, then at the arguments. */
export function readCommand(line: Buffer, state: Exclude<CommandState, 'any'>): Reading {
  const space = line.indexOf(' ')
  const end = space === -1 ? line.length : space
  const name = line.toString('latin1', 0, Math.min(end, longestName)).toUpperCase()
  const command = registry.get(name)
  // What is no command could be anything, a password too.
  if (command === undefined)
    return { kind: 'wrong', answer: refusal('There is no such command'), secret: true }
  const wrong = (text: string): Reading => ({
    kind: 'wrong',
    answer: refusal(text),
    secret: command.secret === true,
  })
  if (command.state !== 'any' && command.state !== state)
    return wrong(state === 'authorization' ? 'Log in first' : 'You have logged in already')
  try {
    return { kind: 'command', command, args: command.parse(new Arguments(line.subarray(end))) }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return wrong(error.message)
  }
}
