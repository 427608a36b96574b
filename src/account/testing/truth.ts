import assert from 'node:assert/strict'
import { FlagBit } from '#mail/flags.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { Control } from './control.ts'
import { never } from './house.ts'
import type { House } from './house.ts'

interface GmailMessage {
  readonly id: string
  readonly labelIds: readonly string[]
}

/** The simulator's own account of one mailbox. */
export async function gmailState(control: Control): Promise<{
  historyId: bigint
  labels: { id: string; name: string; type: string }[]
  messages: GmailMessage[]
}> {
  const { accounts } = await control.do<{
    accounts: [
      { historyId: string; labels: { id: string; name: string; type: string }[]; messages: GmailMessage[] },
    ]
  }>('state', { messages: 100_000 })
  const [{ historyId, labels, messages }] = accounts
  return { historyId: BigInt(historyId), labels, messages }
}

/** What a mailbox holds, by Gmail id: UID and flags as text. */
export async function contents(
  house: House,
  name: string,
): Promise<Map<string, { uid: number; flags: string }>> {
  const snapshot = await house.snapshot(name)
  const keys = [...snapshot.keys] as MessageKey[]
  const identities = await house.account.mailstore.identities(keys)
  return new Map(
    keys.map((key, index) => [
      identities.get(key)?.messageId ?? `unknown ${key}`,
      {
        uid: snapshot.uids[index] as number,
        flags: snapshot.flagTable.get(snapshot.flags[index] as number).text,
      },
    ]),
  )
}

/** Waits until the house has heard of everything that has happened at Gmail. */
export async function caughtUp(house: House, control: Control): Promise<void> {
  const { historyId } = await gmailState(control)
  await house.reached(historyId)
}

/**
 * Every mailbox holds exactly what Gmail's labels say, with their flags; UIDs ascend and none is there twice. Rules of
 * design.md section 3, written a second time.
 */
export async function assertTruth(house: House, control: Control): Promise<void> {
  const { messages } = await gmailState(control)
  for (const mailbox of await house.account.mailstore.mailboxes(never)) {
    if (!mailbox.selectable) continue
    const wanted = messages
      .filter(({ labelIds }) => {
        if (labelIds.includes('CHAT')) return false
        const isAway = labelIds.includes('SPAM') || labelIds.includes('TRASH')
        if (mailbox.labelId === 'SPAM' || mailbox.labelId === 'TRASH')
          return labelIds.includes(mailbox.labelId)
        return !isAway && (mailbox.labelId === undefined || labelIds.includes(mailbox.labelId))
      })
      .map(({ id, labelIds }) => `${id} ${flagBits(labelIds)}`)
    const snapshot = await house.snapshot(mailbox.name)
    const identities = await house.account.mailstore.identities([...snapshot.keys] as MessageKey[])
    const held = [...snapshot.keys].map((key, index) => {
      const { bits } = snapshot.flagTable.get(snapshot.flags[index] as number)
      const gmailBits = FlagBit.seen | FlagBit.flagged | FlagBit.draft | FlagBit.important
      return `${identities.get(key as MessageKey)?.messageId} ${bits & gmailBits}`
    })
    assert.deepEqual(held.toSorted(), wanted.toSorted(), `contents of ${mailbox.name}`)
    for (let index = 1; index < snapshot.uids.length; index++)
      assert.ok((snapshot.uids[index - 1] as number) < (snapshot.uids[index] as number), 'UIDs ascend')
    assert.ok((snapshot.uids.at(-1) ?? 0) < snapshot.uidNext, 'UIDNEXT is above all UIDs')
  }
}

function flagBits(labels: readonly string[]): number {
  return (
    (labels.includes('UNREAD') ? 0 : FlagBit.seen) |
    (labels.includes('STARRED') ? FlagBit.flagged : 0) |
    (labels.includes('DRAFT') ? FlagBit.draft : 0) |
    (labels.includes('IMPORTANT') ? FlagBit.important : 0)
  )
}
