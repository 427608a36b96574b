import assert from 'node:assert/strict'
import type { ImapFlow } from 'imapflow'
import type { Ready } from '../postern.ts'
import { atGmail, imapflow } from './bridge.ts'

/** Looks at a mailbox for so long before it says that they differ. */
const patienceMs = 60_000

/** A mailbox as a client sees it: by UID, Gmail's id and the flags that Gmail knows. */
export async function seen(client: ImapFlow, mailbox: string): Promise<Map<number, string>> {
  await client.mailboxOpen(mailbox, { readOnly: true })
  const found = new Map<number, string>()
  for await (const { uid, emailId, flags } of client.fetch('1:*', { uid: true, flags: true, threadId: true }))
    found.set(
      uid,
      `${emailId}${flags?.has('\\Seen') ? ' seen' : ''}${flags?.has('\\Flagged') ? ' flagged' : ''}`,
    )
  return found
}

/** Waits until a client sees in these mailboxes just what Gmail has in them; throws AssertionError when it never does. */
export async function agree(bridge: Ready, google: Ready, mailboxes: readonly string[]): Promise<void> {
  const client = await imapflow(bridge)
  try {
    const end = performance.now() + patienceMs
    for (const mailbox of mailboxes)
      for (;;) {
        const mine = [...(await seen(client, mailbox)).values()].toSorted()
        const truth = await held(google, mailbox)
        if (performance.now() > end) assert.deepEqual(mine, truth, mailbox)
        if (mine.join() === truth.join()) break
        await client.noop()
      }
  } finally {
    await client.logout()
  }
}

async function held(google: Ready, mailbox: string): Promise<string[]> {
  const label = { '[Gmail]/Sent Mail': 'SENT', '[Gmail]/Trash': 'TRASH' }[mailbox] ?? mailbox
  return (await atGmail(google))
    .filter(({ labels }) => labels.includes(label))
    .map(
      ({ id, labels }) =>
        `${id}${labels.includes('UNREAD') ? '' : ' seen'}${labels.includes('STARRED') ? ' flagged' : ''}`,
    )
    .toSorted()
}
