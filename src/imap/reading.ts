import type { Whole } from '#wire/literal-reader.ts'
import type { Command } from './command.ts'
import type { Completion } from './command.ts'
import { Parser } from './parser.ts'
import { completionOf, uidRequired } from './refusals.ts'
import { registry } from './registry.ts'

/** What a session's state allows. */
export interface SessionState {
  readonly authenticated: boolean
  readonly selected: boolean
  /** Nothing has a sequence number any more. RFC 9586. */
  readonly uidOnly: boolean
  /** Capabilities that this client shall not see. */
  readonly hides?: (capability: string) => boolean
}

/** One command as it came in: ready to run, or the answer that it gets. */
export type Reading =
  | {
      readonly kind: 'command'
      readonly tag: string
      readonly command: Command<unknown>
      readonly args: unknown
      readonly uid: boolean
    }
  | { readonly kind: 'wrong'; readonly tag: string; readonly completion: Completion }

const longestTag = 100

/** Reads tag, name and arguments. The state is checked before any argument is looked at. Never throws for what a client says. */
export function readCommand({ bytes, literals }: Omit<Whole, 'kind'>, state: SessionState): Reading {
  const parser = new Parser(bytes, literals)
  // A tag that cannot be read cannot be answered to. RFC 9051 section 7.1.3.
  let tag = '*'
  try {
    const said = parser.tag()
    if (said.length > longestTag) parser.fail('The tag is too long')
    tag = said
    parser.space()
    let name = parser.keyword('A command')
    const uid = name === 'UID'
    if (uid) {
      parser.space()
      name = parser.keyword('A command')
    }
    const command = registry.get(name)
    if (command === undefined || (uid && command.uid !== true) || isHidden(command, state))
      return wrong(tag, 'There is no such command')
    const obstacle = obstacleTo(command, state)
    if (obstacle !== undefined) return wrong(tag, obstacle)
    // EXPUNGE names no message, all others without UID do.
    if (state.uidOnly && !uid && command.uid === true && name !== 'EXPUNGE') throw uidRequired()
    return { kind: 'command', tag, command, args: command.parse(parser, { uid }), uid }
  } catch (error) {
    const completion = completionOf(error)
    if (completion === undefined) throw error
    return { kind: 'wrong', tag, completion }
  }
}

function isHidden({ capability }: Command<unknown>, state: SessionState): boolean {
  return capability !== undefined && state.hides?.(capability) === true
}

/** Why a command is not lawful now. RFC 9051 section 3. */
function obstacleTo(command: Command<unknown>, state: SessionState): string | undefined {
  switch (command.state) {
    case 'any':
      return undefined
    case 'not-authenticated':
      return state.authenticated ? 'You have logged in already' : undefined
    case 'authenticated':
      return state.authenticated ? undefined : 'Log in first'
    case 'selected':
      if (!state.authenticated) return 'Log in first'
      return state.selected ? undefined : 'Select a mailbox first'
  }
}

function wrong(tag: string, text: string): Reading {
  return { kind: 'wrong', tag, completion: { status: 'BAD', text } }
}
