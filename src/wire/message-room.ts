import type { Connection } from './connection.ts'
import type { Hold } from './hold.ts'

export interface MessagePatience {
  /** How long a client waits for others' messages to be done with. */
  readonly waitMs: number
  /** For all of a command to come, once it holds room. */
  readonly arriveMs: number
}

/** 50 MB come in 15 minutes at 0.5 Mbit/s. */
const messagePatience: MessagePatience = { waitMs: 60_000, arriveMs: 15 * 60_000 }

/** The memory of one session for the large literals of one command: taken before they come, given back after the command. */
export class MessageRoom {
  readonly #hold: Hold
  readonly #connection: Pick<Connection, 'closed' | 'interrupt'>
  readonly #patience: MessagePatience
  readonly #taken: (() => void)[] = []
  #late: NodeJS.Timeout | undefined

  constructor(
    hold: Hold,
    connection: Pick<Connection, 'closed' | 'interrupt'>,
    patience: MessagePatience = messagePatience,
  ) {
    this.#hold = hold
    this.#connection = connection
    this.#patience = patience
  }

  /** False when there is no room in time. A client that then sends too slowly is interrupted. */
  async take(sizeBytes: number): Promise<boolean> {
    const { waitMs, arriveMs } = this.#patience
    const enough = AbortSignal.any([this.#connection.closed, AbortSignal.timeout(waitMs)])
    try {
      this.#taken.push(await this.#hold.take(sizeBytes, enough))
    } catch {
      return false
    }
    this.#late ??= setTimeout(() => this.#connection.interrupt('slow'), arriveMs)
    return true
  }

  /** Everything has come in. */
  arrived(): void {
    clearTimeout(this.#late)
    this.#late = undefined
  }

  /** The command is done with. */
  giveBack(): void {
    this.arrived()
    for (const give of this.#taken.splice(0)) give()
  }
}
