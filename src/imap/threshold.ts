import type { Admission, Refusal } from '#mail/doorman.ts'
import type { Log } from '#mail/surroundings.ts'
import type { Connection } from '#wire/connection.ts'
import { isRefusal } from '#wire/gatekeeper.ts'
import type { Gatekeeper } from '#wire/gatekeeper.ts'
import type { Credentials } from '#wire/sasl.ts'
import { capabilityText } from './capabilities.ts'

/** What one connection allows before and at login. */
export class Threshold {
  readonly #options: ThresholdOptions

  constructor(options: ThresholdOptions) {
    this.#options = options
  }

  get secure(): boolean {
    return this.#options.connection.secure
  }

  get compressed(): boolean {
    return this.#options.connection.compressed
  }

  /** Over TLS, where it is allowed, and from this machine, where nobody listens in between. */
  get mayLogin(): boolean {
    const { connection, plainLoginAllowed } = this.#options
    return connection.secure || plainLoginAllowed || connection.isLoopback
  }

  /** Whether the operator hides this capability from everybody. */
  hides(capability: string): boolean {
    return this.#options.hiddenCapabilities.has(capability)
  }

  /** The words of CAPABILITY as of now; before login nothing limits what is put in. `hidden` are those that a client's password hides besides. */
  capabilities(appendLimitBytes: number | undefined, hidden: readonly string[] = []): string {
    const { hiddenCapabilities } = this.#options
    return capabilityText({
      authenticated: appendLimitBytes !== undefined,
      appendLimitBytes,
      mayStartTls: !this.secure,
      mayLogin: this.mayLogin,
      compressed: this.compressed,
      hidden: hidden.length === 0 ? hiddenCapabilities : new Set([...hiddenCapabilities, ...hidden]),
    })
  }

  async verify(credentials: Credentials, signal: AbortSignal): Promise<Admission | Refusal> {
    const { gatekeeper, connection, log } = this.#options
    const { remoteAddress } = connection
    const verdict = await gatekeeper.check(credentials, remoteAddress, signal, connection.id)
    // Without the user's name: people type passwords there.
    if (isRefusal(verdict)) log.info({ remoteAddress, refused: verdict.refused }, 'a login was refused')
    return verdict
  }
}

export interface ThresholdOptions {
  readonly connection: Connection
  readonly gatekeeper: Gatekeeper
  /** A password may cross without TLS. */
  readonly plainLoginAllowed: boolean
  readonly hiddenCapabilities: ReadonlySet<string>
  readonly log: Log
}
