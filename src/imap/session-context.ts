import type { Admission, Refusal, Rights } from '#mail/doorman.ts'
import type { Mailstore, OpenMailbox } from '#mail/mailstore.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Credentials } from '#wire/sasl.ts'
import type { Turns } from '#wire/turns.ts'
import type { Threshold } from './threshold.ts'
import type { Authenticated, Chunk, Extension, Progress, Selected } from './command.ts'
import type { NotifyFeed } from './notify/feed.ts'
import type { Hearing } from './notify/tell.ts'
import { SelectedView } from './selected-view.ts'

/** What a command can have happen once its tagged answer is written. */
export type Afterwards = 'start-tls' | 'compress' | 'leave'

/** What a command about the connection itself acts on; lawful in every state. */
export interface Anyone {
  /** Undefined before login. */
  readonly admission: Admission | undefined
  readonly tag: string
  readonly secure: boolean
  /** Whether STARTTLS can be done. */
  readonly mayStartTls: boolean
  /** Whether a password may cross this connection. */
  readonly mayLogin: boolean
  /** Whether both directions are compressed. RFC 4978. */
  readonly compressed: boolean
  readonly enabled: Set<Extension>
  readonly signal: AbortSignal
  readonly log: Log
  /** The words of CAPABILITY as of now. */
  capabilities(): string
  /** Sends a continuation request and waits for one line; undefined when the client is gone or must leave. */
  ask(prompt: Chunk): Promise<Buffer | undefined>
  verify(credentials: Credentials): Promise<Admission | Refusal>
  /** The client is let in: the session is authenticated. */
  admit(admission: Admission): void
  /** As before the login, with nothing selected or enabled. RFC 8437 section 3. */
  dismiss(): void
  /** What the client says it is; for people who look at the sessions. */
  introduce(name: string): void
  /** What happens once the tagged answer is written. */
  afterwards(what: Afterwards): void
}

/** What a command about the selection acts on. */
export interface Selecting extends Authenticated {
  /** The mailbox that is selected, if one is. */
  readonly selected: SelectedView | undefined
  select(open: OpenMailbox, readOnly: boolean): SelectedView
  unselect(): void
}

/** What IDLE acts on. */
export interface Idling extends Hearing, Pick<Anyone, 'ask'> {}

/** What NOTIFY acts on. */
export interface Notifying extends Hearing {
  /** From now on this is what the client hears of. */
  hear(feed: NotifyFeed): void
}

/** STORE needs the view's own side as well. */
export interface Storing extends Selected {
  readonly view: SelectedView
}

/** What the session does for its context. */
export interface SessionHands extends Pick<Anyone, 'ask' | 'introduce' | 'afterwards'> {
  /** The session is authenticated now. */
  admitted(admission: Admission): void
  /** It is no more. */
  dismissed(): void
}

/** What all commands of one session act on: one object, whose tag and selection move on. Commands run one after another. */
export class SessionContext implements Anyone, Selecting, Idling, Storing, Notifying {
  tag = ''
  readonly progress: Progress = { done: 0, total: undefined }
  readonly enabled = new Set<Extension>()
  readonly clock: Clock
  readonly turns: Turns
  readonly log: Log
  readonly signal: AbortSignal
  readonly #threshold: Threshold
  readonly #hands: SessionHands
  #admission: Admission | undefined
  #detach: (() => void) | undefined
  #selected: SelectedView | undefined
  #feed: NotifyFeed | undefined

  constructor(
    threshold: Threshold,
    hands: SessionHands,
    surroundings: Pick<Authenticated, 'clock' | 'turns' | 'log' | 'signal'>,
  ) {
    this.#threshold = threshold
    this.#hands = hands
    this.clock = surroundings.clock
    this.turns = surroundings.turns
    this.log = surroundings.log
    this.signal = surroundings.signal
  }

  get secure(): boolean {
    return this.#threshold.secure
  }

  get mayStartTls(): boolean {
    return !this.#threshold.secure
  }

  get mayLogin(): boolean {
    return this.#threshold.mayLogin
  }

  get compressed(): boolean {
    return this.#threshold.compressed
  }

  /** Undefined before login. */
  get admission(): Admission | undefined {
    return this.#admission
  }

  get mailstore(): Mailstore {
    return this.#inside.mailstore
  }

  get rights(): Rights {
    return this.#inside.rights
  }

  get address(): string {
    return this.#inside.address
  }

  get selected(): SelectedView | undefined {
    return this.#selected
  }

  get feed(): NotifyFeed | undefined {
    return this.#feed
  }

  get view(): SelectedView {
    if (this.#selected === undefined) throw new Error('No mailbox is selected: the state table failed')
    return this.#selected
  }

  get #inside(): Admission {
    if (this.#admission === undefined) throw new Error('Nobody has logged in: the state table failed')
    return this.#admission
  }

  capabilities(): string {
    const hidden = this.#admission?.rights.hiddenCapabilities
    return this.#threshold.capabilities(this.#admission?.mailstore.appendLimitBytes, hidden)
  }

  readonly hides = (capability: string): boolean =>
    this.#threshold.hides(capability) ||
    this.#admission?.rights.hiddenCapabilities?.includes(capability) === true

  ask(prompt: Chunk): Promise<Buffer | undefined> {
    return this.#hands.ask(prompt)
  }

  verify(credentials: Credentials): Promise<Admission | Refusal> {
    return this.#threshold.verify(credentials, this.signal)
  }

  introduce(name: string): void {
    this.#hands.introduce(name)
  }

  afterwards(what: Afterwards): void {
    this.#hands.afterwards(what)
  }

  admit(admission: Admission): void {
    this.#admission = admission
    this.#detach = admission.mailstore.attach()
    this.#hands.admitted(admission)
  }

  dismiss(): void {
    this.close()
    this.#admission = undefined
    this.enabled.clear()
    this.#hands.dismissed()
  }

  select(open: OpenMailbox, readOnly: boolean): SelectedView {
    this.unselect()
    this.#selected = new SelectedView(open, readOnly, {
      mayDelete: this.rights.noDelete !== true,
      recents: this.mailstore.recents,
    })
    return this.#selected
  }

  unselect(): void {
    this.#selected?.close()
    this.#selected = undefined
  }

  hear(feed: NotifyFeed | undefined): void {
    this.#feed?.close()
    this.#feed = feed
  }

  /** The next command begins. */
  begin(tag: string): void {
    this.tag = tag
    this.progress.done = 0
    this.progress.total = undefined
  }

  /** Gives back what the session holds. */
  close(): void {
    this.unselect()
    this.hear(undefined)
    this.#detach?.()
    this.#detach = undefined
  }
}
