import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { Transfer } from '#mail/writing.ts'
import type { Control } from '../../testing/control.ts'
import { never, openHouse, prepareGround } from '../../testing/house.ts'
import type { House, TestGround } from '../../testing/house.ts'
import { assertTruth, caughtUp, gmailState } from '../../testing/truth.ts'

/** A live account and what a client does with it, by the names of mailboxes and the ids of messages. */
export interface Desk {
  readonly ground: TestGround
  readonly control: Control
  readonly house: House
  idOf(mailbox: string): Promise<MailboxId>
  /** The messages of a mailbox, by UID; all of them, or those with these Gmail ids. */
  keys(mailbox: string, ids?: readonly string[]): Promise<MessageKey[]>
  transfer(
    kind: 'copy' | 'move',
    from: string,
    ids: readonly string[] | undefined,
    to: string,
  ): Promise<Transfer>
  expunge(mailbox: string, ids?: readonly string[]): Promise<void>
  /** Gmail's labels of a message, sorted; `gone` when it exists no more. */
  labels(id: string): Promise<string>
  /** Hears the echo of everything that was done and asserts that it changed nothing: no UID, no MODSEQ. */
  echo(): Promise<void>
}

/** Messages are delivered before the account's first sync, each with these labels. */
export async function openDesk(
  t: TestContext,
  messages: readonly (readonly string[])[] = [],
  options: Parameters<typeof openHouse>[1] & { scopes?: readonly string[] } = {},
): Promise<Desk & { readonly ids: readonly string[] }> {
  const ground = await prepareGround(t)
  const { control } = ground
  const ids: string[] = []
  for (const [n, labels] of messages.entries()) ids.push(await control.deliver(`m${n}`, { labels }))
  const { scopes, ...house } = options
  const grant =
    scopes === undefined ? undefined : await control.do<{ refreshToken: string }>('grant', { scopes })
  const opened = await openHouse({ ...ground, ...grant }, house)
  await opened.until(({ phase }) => phase === 'live')
  await control.do('reset')
  return { ...deskOf(ground, opened), ids }
}

export function deskOf(ground: TestGround, house: House): Desk {
  const { control } = ground
  const { mailstore } = house.account

  async function idOf(name: string): Promise<MailboxId> {
    const { id } = await house.mailbox(name)
    assert.ok(id !== undefined, `${name} can be selected`)
    return id
  }

  async function keys(name: string, ids?: readonly string[]): Promise<MessageKey[]> {
    const all = [...(await house.snapshot(name)).keys] as MessageKey[]
    if (ids === undefined) return all
    const identities = await mailstore.identities(all)
    return all.filter((key) => ids.includes(identities.get(key)?.messageId ?? ''))
  }

  /** Everything that a client can see of mailboxes: UIDs, flags, MODSEQs. */
  async function seen(): Promise<Map<string, object>> {
    const mailboxes = new Map<string, object>()
    for (const { name, selectable } of await mailstore.mailboxes(never)) {
      if (!selectable) continue
      const { uids, flags, modSeqs, uidNext, uidValidity, highestModSeq, flagTable } =
        await house.snapshot(name)
      const texts = [...flags].map((index) => flagTable.get(index).text)
      mailboxes.set(name, { uids, texts, modSeqs, uidNext, uidValidity, highestModSeq })
    }
    return mailboxes
  }

  return {
    ground,
    control,
    house,
    idOf,
    keys,
    async transfer(kind, from, ids, to) {
      return await mailstore[kind](await idOf(from), await keys(from, ids), await idOf(to), never)
    },
    async expunge(mailbox, ids) {
      await mailstore.expunge(await idOf(mailbox), await keys(mailbox, ids), never)
    },
    async labels(id) {
      const { messages } = await gmailState(control)
      return (
        messages
          .find((message) => message.id === id)
          ?.labelIds.toSorted()
          .join(' ') ?? 'gone'
      )
    },
    async echo() {
      const before = await seen()
      // More than a second after the last answer a poke asks at once.
      await control.deliver('a letter that comes after everything', { labels: ['CHAT'] })
      const leave = mailstore.attach()
      await caughtUp(house, control)
      leave()
      assert.deepEqual(await seen(), before)
      await assertTruth(house, control)
    },
  }
}
