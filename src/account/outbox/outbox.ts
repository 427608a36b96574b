import { createHash } from 'node:crypto'
import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import type { MessageId } from '#mail/ids.ts'
import type { Outbox, Sender, Submission } from '#mail/outbox.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { SendRow, SendStore } from '#store/sends.ts'
import { StoreError } from '#store/store.ts'
import { likenessDigest } from './likeness.ts'
import { mailErrorOf, outcomeOf } from './send-failure.ts'
import { SenderList } from './sender-list.ts'
import { SentSearch } from './sent-search.ts'

export interface OutboxOptions {
  /** The account's own; needed where the grant is for sending alone and does not show the send-as addresses. */
  readonly address?: string
  readonly sends: SendStore
  readonly gmail: Gmail
  /** Where the sync stands: what is sent now enters the history after it. Undefined when it does not know. */
  readonly historyId: () => Promise<bigint | undefined>
  /** False while the grant is for sending alone: then Gmail is asked for nothing else. */
  readonly mayRead?: () => boolean
  /** Told of everything that was sent, so that the mailbox can look for it at once. */
  readonly sent?: (id: MessageId) => void
  readonly clock: Clock
  readonly log: Log
}

/** One account's outgoing mail, each message once. */
export interface AccountOutbox extends Outbox {
  /**
   * Gmail's id of what was submitted with this Message-ID (with its angle brackets): the client's own copy for Sent is
   * that message. Waits while it is being sent. Undefined when nothing like it was sent within the last week.
   */
  sentCopyOf(rfcMessageId: string): Promise<MessageId | undefined>
  /** How many submissions are being sent. */
  readonly underWay: number
  /** Aborts what is under way, which is `unknown` from then on. */
  close(): Promise<void>
}

const secondMs = 1_000
const dayMs = 24 * 60 * 60_000
/** After a lost answer Gmail is looked through so long after each other; then the client is told to come again. */
const lookAfterMs = [1, 2, 4, 8, 15].map((seconds) => seconds * secondMs)
/** What did not appear by then never will. */
const lostAfterMs = 120 * secondMs
/** The same submission again is the same mail for so long. */
const sameForMs = dayMs
const rememberedMs = 7 * dayMs
const forgetEveryMs = dayMs / 2

/** facts: reliability section 4. Interrupted sendings of an earlier run become `unknown` at once. */
export function createOutbox(options: OutboxOptions): AccountOutbox {
  return new LedgerOutbox(options)
}

class LedgerOutbox implements AccountOutbox {
  readonly #options: OutboxOptions
  readonly #senders: SenderList
  readonly #ending = new AbortController()
  /** By key; the same submission twice at once is one. */
  readonly #flights = new Map<string, Promise<MessageId>>()
  /** By the hash of the Message-ID. */
  readonly #byMessageId = new Map<string, Promise<MessageId>>()
  #recovered: Promise<void> | undefined
  #forgotAt = -Infinity

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#senders = new SenderList(options.gmail, options.clock, options.address, options.mayRead)
    // What goes wrong is told to whoever sends.
    this.#ready().catch(() => {})
  }

  get underWay(): number {
    return this.#flights.size
  }

  async senders(signal: AbortSignal): Promise<readonly Sender[]> {
    return await mailErrors(() => this.#senders.get(signal))
  }

  async submit(submission: Submission, signal: AbortSignal): Promise<{ messageId: MessageId }> {
    const key = keyOf(submission)
    const name = key.toString('hex')
    // Without a Message-ID nobody can tell a repetition from another mail just like it: they go one after the other.
    let flight = this.#flights.get(name)
    while (submission.messageId === undefined && flight !== undefined) {
      await flight.catch(() => {})
      flight = this.#flights.get(name)
    }
    if (flight === undefined) {
      flight = mailErrors(() => this.#deliver(key, submission))
      this.#note(flight, name, submission.messageId)
    }
    return { messageId: await unlessAborted(flight, signal) }
  }

  async sentCopyOf(rfcMessageId: string): Promise<MessageId | undefined> {
    const hash = sha256(rfcMessageId)
    const underWay = await this.#byMessageId.get(hash.toString('hex'))?.catch(() => undefined)
    if (underWay !== undefined) return underWay
    const row = await this.#options.sends.lastSent(hash)
    return row !== undefined && this.#options.clock.now() - row.at < rememberedMs ? row.messageId : undefined
  }

  async close(): Promise<void> {
    this.#ending.abort(new Error('The account is being closed'))
    await Promise.allSettled([this.#recovered, ...this.#flights.values()])
  }

  #note(flight: Promise<MessageId>, name: string, rfcMessageId: string | undefined): void {
    const idName = rfcMessageId === undefined ? undefined : sha256(rfcMessageId).toString('hex')
    this.#flights.set(name, flight)
    if (idName !== undefined) this.#byMessageId.set(idName, flight)
    const landed = () => {
      this.#flights.delete(name)
      if (idName !== undefined && this.#byMessageId.get(idName) === flight) this.#byMessageId.delete(idName)
    }
    flight.then(landed, landed)
  }

  /** Tried again by the next who sends when it did not succeed. */
  async #ready(): Promise<void> {
    this.#recovered ??= this.#recover()
    try {
      await this.#recovered
    } catch (error) {
      this.#recovered = undefined
      throw error
    }
  }

  async #recover(): Promise<void> {
    const { sends, log } = this.#options
    const interrupted = await sends.interrupted()
    if (interrupted > 0)
      log.warn({ interrupted }, 'messages were being sent when Postern ended: not known whether')
  }

  async #deliver(key: Buffer, submission: Submission): Promise<MessageId> {
    const { sends, clock } = this.#options
    this.#ending.signal.throwIfAborted()
    await this.#ready()
    await this.#forget()
    const before = await sends.find(key)
    if (before?.state === 'sent' && before.messageId !== undefined && submission.messageId !== undefined) {
      const ageMs = clock.now() - before.at
      if (ageMs < sameForMs) return before.messageId
    }
    // `sending` without a flight: the last commit of an earlier attempt did not succeed.
    const inDoubt = before?.state === 'unknown' || before?.state === 'sending'
    if (inDoubt) {
      if (!this.#mayRead) throw neverKnown()
      const found = await this.#lookOnce(before, submission)
      if (found !== undefined) return await this.#settle(before, found)
      const waitedMs = clock.now() - before.at
      // A clock that was set back must not bar the mail for ever.
      if (waitedMs < lostAfterMs && waitedMs > -dayMs) throw notKnown()
    }
    const row: SendRow = {
      key,
      messageIdHash: submission.messageId === undefined ? undefined : sha256(submission.messageId),
      // Without a Message-ID no copy can be told to be of this one.
      likeness: submission.messageId === undefined ? undefined : likenessDigest(submission.bytes),
      state: 'accepted',
      at: clock.now(),
      historyId: inDoubt ? before.historyId : undefined,
      messageId: undefined,
    }
    if (!inDoubt) await sends.put(row)
    const historyId = row.historyId ?? (await this.#historyId())
    return await this.#attempt({ ...row, historyId, state: 'sending', at: clock.now() }, submission)
  }

  async #attempt(row: SendRow, submission: Submission): Promise<MessageId> {
    const { sends, gmail, log } = this.#options
    await sends.put(row)
    let id: MessageId
    try {
      id = (await gmail.sendMessage(submission.bytes, {}, this.#call())).id
    } catch (thrown) {
      const outcome = outcomeOf(thrown)
      if (outcome.kind === 'not-sent') {
        await this.#record({ ...row, state: 'failed' })
        throw outcome.error
      }
      log.warn({ err: outcome.cause }, 'no answer to a sending: Gmail is looked through')
      const unknown: SendRow = { ...row, state: 'unknown' }
      await this.#record(unknown)
      this.#ending.signal.throwIfAborted()
      if (!this.#mayRead) throw neverKnown(outcome.cause)
      return await this.#lookAgain(unknown, submission)
    }
    return await this.#settle(row, id)
  }

  /** Only when it was found is it sent; whatever goes wrong here leaves it unknown. */
  async #lookAgain(row: SendRow, submission: Submission): Promise<MessageId> {
    const { clock, log } = this.#options
    const search = this.#search(row, submission)
    for (const ms of lookAfterMs) {
      await clock.sleep(ms, this.#ending.signal)
      try {
        const found = await search.look(this.#call())
        if (found !== undefined) return await this.#settle(row, found)
      } catch (err) {
        this.#ending.signal.throwIfAborted()
        log.warn({ err }, 'Gmail could not be looked through for a message in doubt')
      }
    }
    throw notKnown()
  }

  /** Throws that it is not known, whatever hinders the look: never that it was not sent. */
  async #lookOnce(row: SendRow, submission: Submission): Promise<MessageId | undefined> {
    try {
      return await this.#search(row, submission).look(this.#call())
    } catch (error) {
      if (!(error instanceof GmailError)) throw error
      this.#options.log.warn({ err: error }, 'Gmail could not be looked through for a message in doubt')
      throw notKnown(error)
    }
  }

  #search({ key, historyId }: SendRow, { bytes }: Submission): SentSearch {
    const { gmail, sends } = this.#options
    return new SentSearch({ gmail, sends, key, since: historyId, bytes })
  }

  async #settle(row: SendRow, messageId: MessageId): Promise<MessageId> {
    await this.#record({ ...row, state: 'sent', messageId })
    this.#options.sent?.(messageId)
    return messageId
  }

  /** Of what has happened at Gmail; where it cannot be written, the row stays `sending`, which is looked up next time. */
  async #record(row: SendRow): Promise<void> {
    const { sends, clock, log } = this.#options
    try {
      await sends.put({ ...row, at: clock.now() })
    } catch (err) {
      log.error({ err, state: row.state }, 'the ledger of sent mail could not be written')
    }
  }

  /** Undefined for a grant that is for sending alone: a lost answer can then not be looked up. */
  async #historyId(): Promise<bigint | undefined> {
    const { historyId, gmail } = this.#options
    const known = await historyId()
    if (known !== undefined) return known
    if (!this.#mayRead) return undefined
    try {
      return (await gmail.profile(this.#call())).historyId
    } catch (error) {
      if (error instanceof GmailError && error.kind === 'forbidden') return undefined
      throw error
    }
  }

  async #forget(): Promise<void> {
    const { sends, clock } = this.#options
    const now = clock.monotonicMs()
    if (now - this.#forgotAt < forgetEveryMs) return
    this.#forgotAt = now
    await sends.forget(clock.now() - rememberedMs)
  }

  get #mayRead(): boolean {
    return this.#options.mayRead?.() ?? true
  }

  #call(): CallOptions {
    return { lane: 'person', cause: 'send', signal: this.#ending.signal }
  }
}

/** Of the account: the ledger is its own. */
function keyOf({ messageId, digest, recipients }: Submission): Buffer {
  return sha256(JSON.stringify([messageId ?? '', digest.toString('hex'), recipients]))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function notKnown(cause?: unknown): MailError {
  return new MailError(
    'unavailable',
    'It is not known yet whether Gmail has sent this message. Try again in two minutes: it will not be sent twice',
    { cause },
  )
}

/** Nobody here can look, and nothing may be sent twice: only the person can. */
function neverKnown(cause?: unknown): MailError {
  return new MailError(
    'cannot',
    'Gmail gave no answer to this message, and the account is connected for sending only, so that Postern cannot look whether it was sent. Look into Sent in Gmail; if it is not there, send it as a new message',
    { cause },
  )
}

async function mailErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof GmailError) throw mailErrorOf(error)
    if (error instanceof StoreError)
      throw new MailError('storage', 'Postern cannot write to its data folder', { cause: error })
    throw error
  }
}

/** Waits no longer than the signal; the work goes on. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
