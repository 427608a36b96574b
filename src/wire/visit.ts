import type { ConnectedClient } from '#mail/connected-client.ts'
import type { Admission, Door } from '#mail/doorman.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import { CommandTeller } from './command-watch.ts'
import type { CommandWatch } from './command-watch.ts'
import type { Interruption } from './connection.ts'
import type { Turns } from './turns.ts'

/** How a visit ended. */
export type Ending =
  | Interruption
  /** The client said good-bye. */
  | 'left'
  /** It hung up without a word, or the line broke. */
  | 'gone'
  /** It said what no mail program says, or is not one that may come. */
  | 'turned-away'
  /** A fault of ours. */
  | 'failed'

/** What is to be counted. Names of commands and results are our own few words. */
export type DoorEvent =
  | { readonly kind: 'opened' }
  | { readonly kind: 'command'; readonly name: string; readonly result: string; readonly ms: number }
  | { readonly kind: 'closed'; readonly how: Ending; readonly bytesIn: number; readonly bytesOut: number }

/** The name of what is no command of ours, in logs and figures. */
const noCommand = 'invalid'

/** What the client comes in on. */
export interface VisitLine {
  readonly id: string
  readonly remoteAddress: string
  readonly secure: boolean
  readonly bytesRead: number
  readonly bytesWritten: number
}

export interface VisitParts {
  readonly door: Door
  readonly line: VisitLine
  readonly turns: Turns
  readonly clock: Clock
  readonly log: Log
  readonly onEvent?: ((event: DoorEvent) => void) | undefined
  readonly onCommand?: CommandWatch | undefined
  /** Somebody has logged in. */
  onAdmitted?(): void
  /** Who had logged in leaves, the connection stays. */
  onDismissed?(): void
}

/** One client's stay, whatever the protocol: who it is, what it does, what of it is logged and counted. */
export class Visit {
  /** What the client says it is; printable. */
  program = ''
  readonly log: Log
  readonly #parts: VisitParts
  readonly #since: number
  readonly #beganMs: number
  readonly #teller: CommandTeller | undefined
  #admission: Admission | undefined
  #running: string | undefined
  #last: string | undefined
  #commandBeganMs = 0
  #commands = 0
  #ending: Ending | undefined

  constructor(parts: VisitParts) {
    this.#parts = parts
    this.log = parts.log.child({ session: parts.line.id })
    this.#since = parts.clock.now()
    this.#beganMs = parts.clock.monotonicMs()
    if (parts.onCommand !== undefined) this.#teller = new CommandTeller(parts.line, parts.onCommand)
    parts.onEvent?.({ kind: 'opened' })
  }

  /** Undefined before login. */
  get admission(): Admission | undefined {
    return this.#admission
  }

  /** Somebody has logged in. */
  admit(admission: Admission): void {
    this.#admission = admission
    this.#parts.onAdmitted?.()
    const { door, line } = this.#parts
    const { passwordName } = admission
    const { remoteAddress, secure } = line
    this.log.info(
      { door, account: accountOf(admission), passwordName, remoteAddress, secure, program: this.program },
      'session opened',
    )
  }

  /** Who had logged in leaves, the connection stays. RFC 8437. */
  dismiss(): void {
    this.#admission = undefined
    this.program = ''
    this.#parts.onDismissed?.()
  }

  /** A command has come in whole, by its name in capitals; without a name it is none of ours. */
  begin(name: string = noCommand): void {
    this.#running = this.#last = name
    this.#commandBeganMs = this.#parts.clock.monotonicMs()
    this.#parts.turns.asks()
    this.#teller?.begin(name)
  }

  /**
   * The last octet of its answer is written; `result` as the protocol says it. `line` is what a log may hold of the command.
   * Does nothing when none runs.
   */
  finish(result: string, line?: object): void {
    const name = this.#running
    if (name === undefined) return
    this.#running = undefined
    this.#commands++
    const ms = this.#parts.clock.monotonicMs() - this.#commandBeganMs
    this.log.debug({ command: name, result, ms: Math.round(ms), line }, 'command')
    this.#parts.onEvent?.({ kind: 'command', name, result, ms })
    this.#teller?.end(result, this.#admission?.account)
  }

  /** Why it is about to end; the first reason stays. */
  ends(how: Ending): void {
    this.#ending ??= how
  }

  /** It is over: the one line of the log that tells it all. `otherwise`: how, when nobody said it before. */
  close(otherwise: Ending): void {
    this.#teller?.end(undefined, this.#admission?.account)
    const { door, line, clock, onEvent } = this.#parts
    const how = this.#ending ?? otherwise
    const { remoteAddress, secure, bytesRead: bytesIn, bytesWritten: bytesOut } = line
    const seconds = Math.round((clock.monotonicMs() - this.#beganMs) / 1000)
    const account = this.#admission === undefined ? undefined : accountOf(this.#admission)
    const { passwordName } = this.#admission ?? {}
    const who = { door, account, passwordName, remoteAddress, secure, program: this.program }
    this.log.info({ ...who, how, commands: this.#commands, bytesIn, bytesOut, seconds }, 'session closed')
    onEvent?.({ kind: 'closed', how, bytesIn, bytesOut })
  }

  /** As people see it. */
  client(mailbox?: string): ConnectedClient {
    const { door, line } = this.#parts
    return {
      id: line.id,
      door,
      secure: line.secure,
      address: this.#admission?.address,
      passwordName: this.#admission?.passwordName,
      remoteAddress: line.remoteAddress,
      program: this.program,
      since: this.#since,
      doing: this.#running ?? 'waiting',
      lastCommand: this.#last,
      mailbox,
      bytesIn: line.bytesRead,
      bytesOut: line.bytesWritten,
    }
  }
}

/** An address only where nothing shorter is known: logs travel. */
function accountOf({ account, address }: Admission): number | string {
  return account ?? address
}
