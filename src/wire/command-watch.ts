import type { AccountId } from '#mail/ids.ts'

/** One command at its end. */
export interface EndedCommand {
  /** As the protocol says it; undefined when the session ended before the command did. */
  readonly result: string | undefined
  readonly account: AccountId | undefined
  /** Octets that came since the end of the command before: a command begins when it is in. */
  readonly bytesIn: number
  readonly bytesOut: number
}

/** Told that a command begins, in the very turn in which its work does; what it gives is told the end, once. */
export type CommandWatch = (begun: {
  readonly name: string
  readonly session: string
}) => (ended: EndedCommand) => void

interface WatchedLine {
  readonly id: string
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** Tells the commands of one client, one after another, to who watches them. */
export class CommandTeller {
  readonly #line: WatchedLine
  readonly #watch: CommandWatch
  #end: ((ended: EndedCommand) => void) | undefined
  #bytesIn = 0
  #bytesOut = 0

  constructor(line: WatchedLine, watch: CommandWatch) {
    this.#line = line
    this.#watch = watch
  }

  begin(name: string): void {
    this.end(undefined, undefined)
    this.#end = this.#watch({ name, session: this.#line.id })
  }

  /** Does nothing when none runs. */
  end(result: string | undefined, account: AccountId | undefined): void {
    const end = this.#end
    if (end === undefined) return
    this.#end = undefined
    const { bytesRead, bytesWritten } = this.#line
    const bytesIn = bytesRead - this.#bytesIn
    const bytesOut = bytesWritten - this.#bytesOut
    this.#bytesIn = bytesRead
    this.#bytesOut = bytesWritten
    end({ result, account, bytesIn, bytesOut })
  }
}
