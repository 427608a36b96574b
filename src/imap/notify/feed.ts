import { MailError } from '#mail/errors.ts'
import type { MailboxId } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import type { CountsChange } from '#mail/mailstore-news.ts'
import { speaksUtf8, type Authenticated, type Chunk, type Extension } from '../command.ts'
import { listedNames, type ListedName } from '../list/names.ts'
import { statusLine, type StatusItem } from '../list/status-items.ts'
import { nameNews } from './name-news.ts'
import { nothing, wants } from './request.ts'
import type { NotifyEvent, NotifyRequest } from './request.ts'

/** More mailboxes than this with something untold: nobody reads that, and the client had better look for itself. */
const dirtyLimit = 1000

const messageEvents: readonly NotifyEvent[] = ['MessageNew', 'MessageExpunge']

/** What the feed looks at. */
type Surroundings = Pick<Authenticated, 'mailstore' | 'rights' | 'enabled' | 'signal' | 'log'>

/**
 * What one client wants to hear of, and which mailboxes have something untold: a set, not a queue, so that nothing grows
 * while the client does not listen. Told is the state as it is by then. RFC 5465.
 */
export class NotifyFeed {
  #request: NotifyRequest
  readonly #stops: readonly (() => void)[]
  readonly #dirty = new Map<MailboxId, CountsChange>()
  /** What the client knows of the mailboxes, as far as it may see them. */
  #names: readonly ListedName[]
  #namesChanged = false
  #overflown = false
  #wake: (() => void) | undefined

  private constructor(request: NotifyRequest, mailstore: Mailstore, names: readonly ListedName[]) {
    this.#request = request
    this.#names = names
    this.#stops = [
      mailstore.onStatus((mailbox, change) => this.#statusChanged(mailbox, change)),
      mailstore.onMailboxes(() => {
        this.#namesChanged = true
        this.#wake?.()
      }),
    ]
  }

  /** Listens from now on. Throws MailError. */
  static async open(request: NotifyRequest, surroundings: Surroundings): Promise<NotifyFeed> {
    const { mailstore, rights, signal } = surroundings
    return new NotifyFeed(request, mailstore, listedNames(await mailstore.mailboxes(signal), rights))
  }

  /** What the client wants of the mailbox that it has selected; undefined for nothing at all. */
  get selected(): NotifyRequest['selected'] {
    return this.#request.selected
  }

  /** Whether anything may be told while no command is at work. */
  get isSilent(): boolean {
    return this.#request.selected === undefined && this.#request.groups.length === 0 && !this.#overflown
  }

  /** Calls back on every change until told otherwise. */
  onWake(wake: (() => void) | undefined): void {
    this.#wake = wake
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.#wake = undefined
  }

  /** The counts of all mailboxes whose messages the client wants to hear of: the STATUS indicator. RFC 5465 section 3.1. */
  async *counts(
    surroundings: Surroundings,
    selected: MailboxId | undefined,
  ): AsyncGenerator<Chunk, void, void> {
    for (const listed of this.#names)
      if (this.#wantsMessages(listed, selected, messageEvents)) {
        const flags = this.#wantsMessages(listed, selected, ['FlagChange'])
        yield* statusOf(listed, flags ? [...countItems, 'HIGHESTMODSEQ'] : countItems, surroundings)
      }
  }

  /** Tells what happened elsewhere than in the selected mailbox. */
  async *news(
    surroundings: Surroundings,
    selected: MailboxId | undefined,
  ): AsyncGenerator<Chunk, void, void> {
    if (this.#overflown) {
      this.#overflown = false
      // "the server … behaves as if a NOTIFY NONE command had just been received". RFC 5465 section 5.8.
      yield '* OK [NOTIFICATIONOVERFLOW] Too much happened: no more is told\r\n'
    }
    if (this.#namesChanged) yield* this.#newsOfNames(surroundings)
    const byId = new Map(this.#names.map((listed) => [listed.mailbox?.id, listed]))
    for (const [mailbox, change] of this.#dirty) {
      this.#dirty.delete(mailbox)
      const listed = byId.get(mailbox)
      const events: readonly NotifyEvent[] = change === 'messages' ? messageEvents : ['FlagChange']
      if (listed === undefined || !this.#wantsMessages(listed, selected, events)) continue
      yield* statusOf(listed, change === 'messages' ? messageItems : flagItems, surroundings)
    }
  }

  async *#newsOfNames({
    mailstore,
    rights,
    enabled,
    signal,
    log,
  }: Surroundings): AsyncGenerator<Chunk, void, void> {
    this.#namesChanged = false
    let newest: readonly ListedName[]
    try {
      newest = listedNames(await mailstore.mailboxes(signal), rights)
    } catch (error) {
      if (!(error instanceof MailError)) throw error
      log.debug({ code: error.code }, 'The mailboxes cannot be looked at for NOTIFY')
      return
    }
    const before = this.#names
    this.#names = newest
    const lines = nameNews(before, newest, this.#request.groups, speaksUtf8(enabled)).join('')
    if (lines !== '') yield lines
  }

  #wantsMessages(
    { name, subscribed, mailbox }: ListedName,
    selected: MailboxId | undefined,
    events: readonly NotifyEvent[],
  ): boolean {
    if (mailbox?.id === undefined || mailbox.id === selected) return false
    return events.some((event) => wants(this.#request.groups, event, { name, subscribed }))
  }

  #statusChanged(mailbox: MailboxId, change: CountsChange): void {
    if (this.#request.groups.length === 0) return
    if (this.#dirty.size >= dirtyLimit && !this.#dirty.has(mailbox)) {
      this.#dirty.clear()
      this.#request = nothing
      this.#overflown = true
    } else if (this.#dirty.get(mailbox) !== 'messages') this.#dirty.set(mailbox, change)
    this.#wake?.()
  }
}

const countItems: readonly StatusItem[] = ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY', 'UNSEEN']
/** RFC 5465 sections 5.2 and 5.3; the count of unseen messages is what people look at. */
const messageItems: readonly StatusItem[] = ['MESSAGES', 'UIDNEXT', 'UNSEEN']
/** RFC 5465 section 5.1. */
const flagItems: readonly StatusItem[] = ['UIDVALIDITY', 'UNSEEN', 'HIGHESTMODSEQ']

async function* statusOf(
  { name, mailbox }: ListedName,
  items: readonly StatusItem[],
  { mailstore, enabled, signal, log }: Surroundings,
): AsyncGenerator<Chunk, void, void> {
  const id = mailbox?.id
  if (id === undefined) return
  try {
    const counts = await mailstore.status(id, signal)
    yield statusLine(name, id, counts, withModSeq(items, enabled), speaksUtf8(enabled))
  } catch (error) {
    if (!(error instanceof MailError)) throw error
    log.debug({ mailboxId: id, code: error.code }, 'No STATUS for a mailbox of NOTIFY')
  }
}

function withModSeq(items: readonly StatusItem[], enabled: ReadonlySet<Extension>): readonly StatusItem[] {
  return enabled.has('CONDSTORE') && !items.includes('HIGHESTMODSEQ') ? [...items, 'HIGHESTMODSEQ'] : items
}
