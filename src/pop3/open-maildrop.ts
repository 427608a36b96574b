import type { Admission } from '#mail/doorman.ts'
import { MailError } from '#mail/errors.ts'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { Clock } from '#mail/surroundings.ts'
import type { FactsBook, MessageFacts } from './facts-book.ts'
import type { LoginName } from './login-name.ts'
import { Maildrop } from './maildrop.ts'
import { chooseMailbox } from './mailbox-choice.ts'
import { select } from './selection.ts'
import type { Offer } from './selection.ts'
import { within } from './time-limit.ts'

/** What Gmail says is new is waited for so long. */
const freshWithinMs = 2_000
/** A mailbox that is being listed for the first time is waited for so long; clients give up after a minute or so. */
const listedWithinMs = 25_000
/** Where no size is known yet, so many messages are read before the login is answered, in so much time. */
const firstMessages = 20
const firstWithinMs = 15_000

const recentMs = 30 * 24 * 60 * 60 * 1000

export interface OpeningOptions {
  readonly keeper: MaildropKeeper
  readonly facts: FactsBook
  /** Messages of one session; 0: no bound. */
  readonly batch: number
  /** What was retrieved before is not on offer, and what is retrieved now will be remembered. */
  readonly once: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * The maildrop of a session as it is now: only messages whose exact size is known, so that LIST is right and RETR finds
 * them here. The others are read ahead for the next session. Throws MailError.
 */
export async function openMaildrop(
  name: LoginName,
  { mailstore, rights }: Admission,
  { keeper, facts, batch, once, clock, signal }: OpeningOptions,
): Promise<Maildrop> {
  mailstore.poke()
  await within(freshWithinMs, clock, signal, (limited) => mailstore.fresh(limited))
  const opened = await within(listedWithinMs, clock, signal, async (limited) => {
    const mailbox = chooseMailbox(await mailstore.mailboxes(limited), name.mailbox, rights)
    const open = await mailstore.open(mailbox, limited)
    const snapshot = open.snapshot()
    open.close()
    return { mailbox, snapshot }
  })
  if (opened === undefined)
    throw new MailError('unavailable', 'Gmail is still listing this mailbox: try again in a minute')
  const offer: Offer = {
    once,
    since: name.recent ? clock.now() - recentMs : undefined,
    batch: batch === 0 ? Infinity : batch,
  }
  const chosen = await choose(opened.snapshot, offer)
  return new Maildrop(opened.mailbox, chosen, once)

  async function choose(snapshot: MailboxSnapshot, wanted: Offer): Promise<MessageFacts[]> {
    const sources = { mailstore, keeper, facts, signal }
    const { chosen: found, unread, newestFirst } = await select(snapshot, wanted, sources)
    let messages = found
    let ahead = unread
    if (found.length === 0 && unread.length > 0) {
      const first = unread.slice(0, firstMessages)
      const read = await readFirst(first)
      messages = first
        .flatMap((key) => read.get(key) ?? [])
        .filter(({ internalDate }) => internalDate >= (wanted.since ?? -Infinity))
      ahead = unread.filter((key) => !read.has(key))
    }
    if (ahead.length > 0) keeper.prefetch(ahead)
    return newestFirst ? messages.toReversed() : messages
  }

  /** What can be had in the time; throws only when that is nothing, because of trouble. */
  async function readFirst(keys: readonly MessageKey[]): Promise<Map<MessageKey, MessageFacts>> {
    const read = new Map<MessageKey, MessageFacts>()
    try {
      await within(firstWithinMs, clock, signal, async (limited) => {
        for await (const one of facts.fetched(mailstore, keys, limited)) read.set(one.key, one)
      })
    } catch (error) {
      if (read.size === 0 || !(error instanceof MailError)) throw error
    }
    return read
  }
}
