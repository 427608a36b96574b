import { MailError } from '#mail/errors.ts'
import type { LabelId, MailboxId, MessageKey, Uid } from '#mail/ids.ts'
import type { Transfer } from '#mail/writing.ts'
import type { MailboxRow } from '#store/store.ts'
import type { Book } from '../book.ts'
import { allMail, isHidden } from '../label-rules.ts'
import { onceEach } from '../once-each.ts'
import { readMemberships } from '../present.ts'
import { messagesAtHand } from './messages-at-hand.ts'
import type { Relabeller } from './relabeller.ts'
import { isFixed, labelsAfterTransfer } from './transfer-rules.ts'
import type { TransferKind } from './transfer-rules.ts'

const messagesPerMove = 1000

/** COPY and MOVE. A message that is in the target already keeps its UID there. */
export class Transfers {
  readonly #book: Book
  readonly #relabeller: Relabeller

  constructor(options: { book: Book; relabeller: Relabeller }) {
    this.#book = options.book
    this.#relabeller = options.relabeller
  }

  /** See `MailstoreWriting.copy` and `move`; the target is whole. */
  async transfer(
    kind: TransferKind,
    source: MailboxId,
    keys: readonly MessageKey[],
    target: MailboxId,
    signal: AbortSignal,
  ): Promise<Transfer> {
    const [from, to] = [this.#labelOf(source), this.#labelOf(target)]
    const { messages, reading } = await messagesAtHand(this.#book, source, keys)
    const change = onceEach((labels: ReadonlySet<LabelId>) => ({
      before: assumed(labels, kind, from, to),
      after: labelsAfterTransfer(labels, kind, from, to),
    }))
    const intentions = messages.map(({ row, labels }) => ({ row, ...change(labels) }))
    await this.#relabeller.relabel(reading, intentions, { lane: 'person', cause: kind, signal })
    const membershipsOf = await readMemberships(this.#book.store, [...keys])
    const pairs = messages.flatMap(({ row, uid }) => {
      const there = membershipsOf(row.key).find(({ mailbox }) => mailbox === target)
      return there === undefined ? [] : [[uid, there.uid] as const]
    })
    return {
      uidValidity: this.#alive(target).uidValidity,
      from: pairs.map(([uid]): Uid => uid),
      to: pairs.map(([, uid]): Uid => uid),
    }
  }

  /** All that is in the source now. */
  async moveAll(source: MailboxId, target: MailboxId, signal: AbortSignal): Promise<void> {
    for (let from = 1; ;) {
      const { uids, keys } = await this.#book.store.snapshot(source, from, messagesPerMove)
      const last = uids.at(-1)
      if (last === undefined) return
      await this.transfer('move', source, [...keys] as MessageKey[], target, signal)
      from = last + 1
    }
  }

  #labelOf(mailbox: MailboxId): LabelId {
    return this.#alive(mailbox).labelId
  }

  #alive(mailbox: MailboxId): MailboxRow {
    const row = this.#book.mailboxes.get(mailbox)
    if (row === undefined || row.gone) throw new MailError('nonexistent', 'There is no such mailbox')
    return row
  }
}

/**
 * What a move that takes a message out of its mailbox may take for granted: not that it is in the other one already. Where somebody
 * took it out there a moment ago, it would be in neither. Saying so costs nothing, as the call is made anyway.
 */
function assumed(
  labels: ReadonlySet<LabelId>,
  kind: TransferKind,
  from: LabelId,
  to: LabelId,
): ReadonlySet<LabelId> {
  const leaves = kind === 'move' && from !== to && from !== allMail && !isFixed(from)
  if (!leaves || isFixed(to) || isHidden(labels) || !labels.has(to)) return labels
  return new Set([...labels].filter((label) => label !== to))
}
