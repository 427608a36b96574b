import { setImmediate } from 'node:timers/promises'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { FactsBook, MessageFacts } from './facts-book.ts'

/** Which messages of a mailbox a session gets to see. */
export interface Offer {
  /** Leaves out what was retrieved before, so that each session goes on where the last one ended. */
  readonly once: boolean
  /** Only what Gmail received since, epoch milliseconds; whatever was popped before. */
  readonly since: number | undefined
  /** At most so many; Infinity for all. */
  readonly batch: number
}

/** What was chosen. */
export interface Selection {
  /** In the order of choice. */
  readonly chosen: MessageFacts[]
  /** Belongs in too, but its size is not known yet; what is wanted first comes first. */
  readonly unread: MessageKey[]
}

export interface Sources {
  readonly mailstore: Mailstore
  readonly keeper: MaildropKeeper
  readonly facts: FactsBook
  readonly signal: AbortSignal
}

const sliceLength = 500
/** Slices in a row without a recent message, after which older ones are not looked at: arrival follows the date closely. */
const quietSlices = 2

/**
 * The messages that are on offer, oldest first. Where nothing that was retrieved is left out, the newest are chosen first,
 * or a client that leaves its mail on the server would never see new mail behind a full batch.
 */
export async function select(
  snapshot: MailboxSnapshot,
  offer: Offer,
  sources: Sources,
): Promise<Selection & { readonly newestFirst: boolean }> {
  const newestFirst = !offer.once || offer.since !== undefined
  const selection = newestFirst
    ? await newest(snapshot, offer, sources)
    : await oldest(snapshot, offer, sources)
  return { ...selection, newestFirst }
}

/** A full batch, and what the next session will want. */
async function oldest(
  { keys }: MailboxSnapshot,
  { batch }: Offer,
  { mailstore, keeper, facts, signal }: Sources,
): Promise<Selection> {
  const selection: Selection = { chosen: [], unread: [] }
  let seen = 0
  for (let at = 0; at < keys.length && seen < 2 * batch; at += sliceLength) {
    await breathe(at, signal)
    const slice = [...keys.subarray(at, at + sliceLength)] as MessageKey[]
    const done = await keeper.popped(slice, 'retrieved')
    const wanted = slice.filter((key) => !done.has(key)).slice(0, 2 * batch - seen)
    seen += wanted.length
    const known = await facts.known(mailstore, wanted, signal)
    for (const key of wanted) take(selection, key, known.get(key), batch)
  }
  return selection
}

async function newest(
  { keys }: MailboxSnapshot,
  { batch, since }: Offer,
  { mailstore, keeper, facts, signal }: Sources,
): Promise<Selection> {
  const selection: Selection = { chosen: [], unread: [] }
  const { chosen, unread } = selection
  let quiet = 0
  for (let end = keys.length; end > 0 && quiet < quietSlices; end -= sliceLength) {
    if (chosen.length >= batch || unread.length >= batch) break
    await breathe(keys.length - end, signal)
    const slice = [...keys.subarray(Math.max(0, end - sliceLength), end)].toReversed() as MessageKey[]
    const done =
      since === undefined ? await keeper.popped(slice, 'deleted') : (new Set() as ReadonlySet<MessageKey>)
    const wanted = slice.filter((key) => !done.has(key))
    const known = await facts.known(mailstore, wanted, signal)
    quiet++
    for (const key of wanted) {
      const one = known.get(key)
      if (one !== undefined && one.internalDate < (since ?? -Infinity)) continue
      quiet = 0
      take(selection, key, one, batch)
    }
    if (since === undefined) quiet = 0
  }
  return selection
}

function take(
  { chosen, unread }: Selection,
  key: MessageKey,
  facts: MessageFacts | undefined,
  batch: number,
): void {
  if (facts === undefined) unread.push(key)
  else if (chosen.length < batch) chosen.push(facts)
}

/** Between two slices everybody else gets a turn: in a big mailbox there are hundreds. */
async function breathe(done: number, signal: AbortSignal): Promise<void> {
  if (done > 0) await setImmediate()
  signal.throwIfAborted()
}
