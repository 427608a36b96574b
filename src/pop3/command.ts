import type { Chunk } from '#wire/outgoing.ts'
import type { Arguments } from './arguments.ts'

export type { Chunk } from '#wire/outgoing.ts'

/** A whole answer as it goes out, its first line included, in pieces. Text has one character per octet. */
export type Answers = AsyncGenerator<Chunk, void, void>

/**
 * RFC 1939 section 3. `any` is both states in which commands are taken; the third, UPDATE, begins with QUIT and takes none.
 */
export type CommandState = 'any' | 'authorization' | 'transaction'

/** A command is one file and one value: its name, where it is lawful, how its arguments are read, what it answers. */
export interface Command<Args, Context = unknown> {
  readonly name: string
  /** Sections that define it: `1939 5`. */
  readonly rfc: string
  readonly state: CommandState
  /** Its arguments are secret: no log has them. */
  readonly secret?: boolean
  /** Throws ProtocolError. */
  parse(given: Arguments): Args
  run(context: Context, args: Args): Answers
}

/** Declares a command; the types of arguments and context are inferred or written once. */
export function command<Args, Context>(value: Command<Args, Context>): Command<Args, Context> {
  return value
}
