import type { Mailstore } from '#mail/mailstore.ts'
import type { Rights } from '#mail/doorman.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Chunk } from '#wire/outgoing.ts'
import type { Turns } from '#wire/turns.ts'
import type { Parser } from './parser.ts'
import type { View } from './view.ts'

/** What goes to the client: text with one character per octet (latin1), or octets. CRLF included. */
export type { Chunk } from '#wire/outgoing.ts'

/** How a command ends: the tagged line without its tag. `text` is a constant of ours, never text from outside. */
export interface Completion {
  readonly status: 'OK' | 'NO' | 'BAD'
  /** Response code without brackets: `READ-ONLY`, `CANNOT`. */
  readonly code?: string
  readonly text: string
}

/**
 * Answers stream: yielded chunks are untagged data, the value returned is the tagged end. Undefined means `OK <NAME> completed`.
 * Wait for something (a message, the store) only between whole answers, never between two chunks of one: the session says
 * `* OK [INPROGRESS …]` whenever a command takes long to give its next chunk.
 */
export type Answers = AsyncGenerator<Chunk, Completion | undefined, void>

/** RFC 9051 section 3. `any` is every state before logout. */
type CommandState = 'any' | 'not-authenticated' | 'authenticated' | 'selected'

/** What ENABLE switches on, and what CONDSTORE-enabling commands do. RFC 5161, RFC 7162 section 3.1. */
export type Extension = 'CONDSTORE' | 'QRESYNC' | 'UTF8=ACCEPT' | 'IMAP4REV2' | 'UIDONLY'

/** Whether names and texts cross as UTF-8. RFC 6855 section 3, RFC 9051 section 5.1. */
export function speaksUtf8(enabled: ReadonlySet<Extension>): boolean {
  return enabled.has('UTF8=ACCEPT') || enabled.has('IMAP4REV2')
}

/** What a command that needs a login acts on. */
export interface Authenticated {
  /** The tag of this command, for the search correlator. RFC 4466 section 2.6.2. */
  readonly tag: string
  /** The session's own set; a CONDSTORE-enabling command adds to it. */
  readonly enabled: Set<Extension>
  readonly mailstore: Mailstore
  readonly rights: Rights
  readonly address: string
  readonly clock: Clock
  /** What the client may take of the event loop. */
  readonly turns: Turns
  readonly log: Log
  /** Whether this capability is hidden from the client, by the operator or its password. */
  readonly hides?: (capability: string) => boolean
  /** Aborted when the connection ends or the server stops. */
  readonly signal: AbortSignal
  /** What INPROGRESS tells while the command works; one that knows better writes it here. RFC 9585. */
  readonly progress?: Progress
}

/** How far a long command is; `total` undefined when nobody knows. Starts anew with every command. */
export interface Progress {
  done: number
  total: number | undefined
}

/** What a command that needs a mailbox acts on. */
export interface Selected extends Authenticated {
  readonly view: View
}

/**
 * A command is one file and one value: its name, where it is lawful, how its arguments are read, what it does.
 * The server knows everything else about it from these traits.
 */
export interface Command<Args, Context = unknown> {
  readonly name: string
  /** Sections that define it, for docs/protocol-support.md: `9051 6.4.5`. */
  readonly rfc: string
  readonly state: CommandState
  /** Where this is hidden from a client, there is no such command for it. */
  readonly capability?: string
  /** Also as `UID NAME`. */
  readonly uid?: boolean
  /** Its form without UID uses sequence numbers, so no EXPUNGE may be told while it runs. RFC 9051 section 7.5.1. */
  readonly holdsExpunges?: boolean
  /** Nor while its form with UID does, which names messages by number all the same. RFC 9051 section 7.5.1. */
  namesByNumber?(args: Args): boolean
  /** It changes messages of the selected mailbox: what became of them is told, whatever NOTIFY says. */
  readonly changesSelected?: boolean
  /** It reads more lines from the client itself: nothing may be said in between. */
  readonly dialogue?: boolean
  /** Its arguments are secret: no log has them. */
  readonly secret?: boolean
  /** Its literals may be as large as a message. */
  readonly takesMessage?: boolean
  /** Reads everything after the name up to the end of the command. Throws ProtocolError. */
  parse(parser: Parser, form: { readonly uid: boolean }): Args
  run(context: Context, args: Args): Answers
  /** The same without any waiting, where everything is at hand; undefined when it is not, and nothing has happened then. */
  atOnce?(context: Context, args: Args): AtOnce | undefined
}

/** What a command says that need not wait for anything. */
export interface AtOnce {
  readonly chunks: readonly Chunk[]
  /** As `Answers` gives it. */
  readonly completion: Completion | undefined
}

/** Declares a command; the types of arguments and context are inferred or written once. */
export function command<Args, Context>(value: Command<Args, Context>): Command<Args, Context> {
  return value
}

/** The answers of a command that has nothing to tell but its end. */
// oxlint-disable-next-line require-yield -- that is what it is for
export async function* onlyEnd(end: Promise<Completion | undefined> | Completion | undefined): Answers {
  return await end
}
