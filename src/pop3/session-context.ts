import type { Admission, Refusal, Rights } from '#mail/doorman.ts'
import { MailError } from '#mail/errors.ts'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import { isRefusal } from '#wire/gatekeeper.ts'
import type { Credentials } from '#wire/sasl.ts'
import type { CapabilityState } from './capabilities.ts'
import type { Chunk, CommandState } from './command.ts'
import { parseLoginName } from './login-name.ts'
import type { LoginName } from './login-name.ts'
import type { Maildrop } from './maildrop.ts'
import { openMaildrop } from './open-maildrop.ts'
import { ReadAhead } from './read-ahead.ts'
import type { SessionParts } from './session.ts'

/** Whether somebody was let in, and what for. */
export type Verdict = Refusal | { readonly admission: Admission; readonly name: LoginName }

/** What a command about the connection itself acts on; lawful in every state. */
export interface Anyone {
  /** A password may cross this connection. */
  readonly mayLogin: boolean
  readonly mayStartTls: boolean
  /** Of the USER before a PASS. */
  user: string | undefined
  capabilities(): CapabilityState
  /** Sends a challenge and waits for one line; undefined when the client is gone or must leave. */
  ask(prompt: Chunk): Promise<Buffer | undefined>
  verify(credentials: Credentials): Promise<Verdict>
  /** Opens the maildrop: the session is in the TRANSACTION state when it resolves. Throws MailError. */
  enter(admission: Admission, name: LoginName): Promise<Maildrop>
  /** The UPDATE state: makes true what the session marked. Does nothing without a maildrop. Throws MailError. */
  update(): Promise<void>
  /** Sends the last clear words and goes on over TLS. Rejects when the handshake fails; the connection is gone then. */
  startTls(lastWords: Chunk): Promise<void>
  /** The session ends once the answer is written. */
  leave(): void
}

/** What a command of the TRANSACTION state acts on. */
export interface Inside {
  readonly maildrop: Maildrop
  readonly bodies: ReadAhead
  readonly rights: Rights
}

interface Entered extends Inside {
  readonly keeper: MaildropKeeper
  readonly detach: () => void
}

/** What all commands of one session act on. They run one after another. */
export class SessionContext implements Anyone, Inside {
  user: string | undefined
  leaving = false
  readonly ask: Anyone['ask']
  readonly #parts: SessionParts
  readonly #signal: AbortSignal
  /** Apart from the session's own signal: a client that hangs up after QUIT has said what it wants. */
  readonly #updating = new AbortController()
  #entered: Entered | undefined

  constructor(parts: SessionParts, signal: AbortSignal, ask: Anyone['ask']) {
    this.#parts = parts
    this.#signal = signal
    this.ask = ask
  }

  get state(): Exclude<CommandState, 'any'> {
    return this.#entered === undefined ? 'authorization' : 'transaction'
  }

  /** Over TLS, where it is allowed, and from this machine, where nobody listens in between. */
  get mayLogin(): boolean {
    const { connection, plainLoginAllowed } = this.#parts
    return connection.secure || plainLoginAllowed || connection.isLoopback
  }

  get mayStartTls(): boolean {
    return !this.#parts.connection.secure
  }

  get maildrop(): Maildrop {
    return this.#inside.maildrop
  }

  get bodies(): ReadAhead {
    return this.#inside.bodies
  }

  get rights(): Rights {
    return this.#inside.rights
  }

  get #inside(): Entered {
    if (this.#entered === undefined) throw new Error('Nobody has logged in: the state table failed')
    return this.#entered
  }

  capabilities(): CapabilityState {
    const once = this.#entered?.maildrop.once ?? this.#parts.poppedOnce
    return {
      authenticated: this.#entered !== undefined,
      mayStartTls: this.mayStartTls,
      mayLogin: this.mayLogin,
      expire: once ? 0 : 'never',
    }
  }

  async verify(credentials: Credentials): Promise<Verdict> {
    const { gatekeeper, connection } = this.#parts
    const name = parseLoginName(credentials.user)
    const asked = { ...credentials, user: name.address }
    const verdict = await gatekeeper.check(asked, connection.remoteAddress, this.#signal, connection.id)
    return isRefusal(verdict) ? verdict : { admission: verdict, name }
  }

  async enter(admission: Admission, name: LoginName): Promise<Maildrop> {
    const { keeperOf, poppedOnce, log } = this.#parts
    this.#parts.visit.admit(admission)
    const { mailstore, rights } = admission
    const detach = mailstore.attach()
    try {
      const keeper = keeperOf(admission)
      const maildrop = await openMaildrop(name, admission, {
        ...this.#parts,
        once: poppedOnce && !name.recent,
        keeper,
        signal: this.#signal,
      })
      const bodies = new ReadAhead(mailstore, maildrop, this.#signal)
      this.#entered = { keeper, maildrop, bodies, rights, detach }
      log.debug({ messages: maildrop.messages.length }, 'the maildrop is open')
      return maildrop
    } catch (error) {
      detach()
      throw error
    }
  }

  async update(): Promise<void> {
    const entered = this.#entered
    const change = entered?.maildrop.change()
    if (entered === undefined || change === undefined) return
    try {
      await entered.keeper.update(entered.maildrop.mailbox, change, this.#updating.signal)
    } catch (error) {
      // The client reads what it means for its mail, whatever the reason was.
      if (error instanceof MailError)
        throw new MailError(error.code, `Nothing is changed: ${error.message}`, { cause: error })
      throw error
    }
  }

  /** Ends an UPDATE that takes too long when the house closes. */
  abortUpdate(reason: Error): void {
    this.#updating.abort(reason)
  }

  async startTls(lastWords: Chunk): Promise<void> {
    const { connection, certificate } = this.#parts
    // Before the answer: TLS must begin in the turn in which it is written.
    const { context } = await certificate.current()
    connection.write(lastWords)?.catch(() => {})
    await connection.startTls(context)
  }

  leave(): void {
    this.leaving = true
  }

  /** Gives back what the session holds. */
  close(): void {
    this.#entered?.detach()
  }
}
