import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceAccount } from './oauth/oauth.ts'

/** What a simulator with a data folder remembers besides its mailboxes. */
export interface SimulatorState {
  seed: string
  /** How often it was started; part of the seed of each run, so that no id or token comes twice. */
  runs: number
  clientId: string
  clientSecret: string
  token: string
  refreshToken: string
  peerToken: string
  accounts: { address: string; name: string }[]
  serviceAccounts: ServiceAccount[]
  /** What `OAuth.state()` made. */
  oauth: unknown
}

/** One JSON file, written whole and put in place in one step. */
export class StateFile {
  readonly #folder: string
  #written = ''

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  /** Undefined in a new folder. Throws for a file that is none of ours. */
  read(): SimulatorState | undefined {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    const state = JSON.parse(text) as SimulatorState
    if (typeof state.seed !== 'string' || !Array.isArray(state.accounts))
      throw new TypeError(`Cannot go on with ${this.#path}: it was not written by the simulator`)
    return state
  }

  /** Does nothing when nothing changed. */
  write(state: SimulatorState): void {
    const text = JSON.stringify(state)
    if (text === this.#written) return
    writeFileSync(`${this.#path}.new`, text, { mode: 0o600 })
    renameSync(`${this.#path}.new`, this.#path)
    this.#written = text
  }

  /** The file of a mailbox. */
  mailboxPath(address: string): string {
    return join(this.#folder, `${address.replaceAll(/[^\w.@+-]/g, '_')}.sqlite`)
  }

  get #path(): string {
    return join(this.#folder, 'simulator.json')
  }
}
