import type { Connection } from './connection.ts'
import type { Hold } from './hold.ts'

/** How long a client waits for others' messages to be done with. */
const waitMs = 60_000
/** For all of a command to come, once it holds room: 50 MB take so long at 0.5 Mbit/s. */
const arriveMs = 15 * 60_000

/** The memory of one session for the large literals of one command: taken before they come, given back after the command. */
export class MessageRoom {
  readonly #hold: Hold
  readonly #connection: Connection
  readonly #taken: (() => void)[] = []
  #late: NodeJS.Timeout | undefined

  constructor(hold: Hold, connection: Connection) {
    this.#hold = hold
    this.#connection = connection
  }

  /** False when there is no room in time. A client that then sends too slowly is interrupted. */
  async take(sizeBytes: number): Promise<boolean> {
    const { closed } = this.#connection
    try {
      this.#taken.push(
        await this.#hold.take(sizeBytes, AbortSignal.any([closed, AbortSignal.timeout(waitMs)])),
      )
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
