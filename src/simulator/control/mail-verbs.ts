import { z } from 'zod'
import type { Account } from '../accounts.ts'
import { decodeBase64url } from '../base64url.ts'
import { saveAlias } from '../delivery/send-as.ts'
import type { LabelRow } from '../mailbox/labels.ts'
import type { MessageRow } from '../mailbox/mailbox.ts'
import { ControlError, verb, type ControlHouse } from './verb.ts'

const account = z.string().optional().describe('address; absent: the first account')
const labelNames = z.array(z.string()).max(1000)

/** Throws ControlError. */
export function accountOf({ world }: ControlHouse, address: string | undefined): Account {
  const found = address === undefined ? world.accounts.all()[0] : world.accounts.find(address)
  if (!found) throw new ControlError(`There is no account ${address ?? ''}`)
  return found
}

function messageOf({ mailbox }: Account, id: string): MessageRow {
  const row = mailbox.find(id.toLowerCase())
  if (!row) throw new ControlError(`There is no message ${id}`)
  return row
}

/** By id or by name. */
function labelOf({ mailbox }: Account, label: string): LabelRow {
  const row = mailbox.labels.byId(label) ?? mailbox.labels.byName(label)
  if (!row) throw new ControlError(`There is no label ${label}`)
  return row
}

const deliver = verb({
  name: 'deliver',
  does: 'A message arrives from outside, octet for octet as given. Answers {id, threadId, historyId}.',
  takes: z.strictObject({
    account,
    raw: z.string().optional().describe('the message in base64 or base64url'),
    text: z.string().optional().describe('the message as text, instead of raw; line ends become CRLF'),
    labels: labelNames
      .optional()
      .describe('ids or names, made when there are none; absent: INBOX and UNREAD'),
    date: z
      .union([z.number(), z.iso.datetime({ offset: true })])
      .optional()
      .describe('internalDate, epoch milliseconds or ISO; absent: now'),
  }),
  run(house, { account: address, raw, text, labels, date }) {
    const { mailbox } = accountOf(house, address)
    const octets =
      raw === undefined ? text && Buffer.from(text.replaceAll(/\r?\n/g, '\r\n')) : decodeBase64url(raw)
    if (octets === undefined || octets === '') throw new ControlError('Give raw (base64) or text')
    const ids = (labels ?? ['INBOX', 'UNREAD']).map((label) => mailbox.labels.ensure(label).id)
    const at = typeof date === 'string' ? Date.parse(date) : (date ?? house.world.clock.now())
    const row = mailbox.add({ raw: octets, labels: ids, date: Math.floor(at) })
    return { id: row.id, threadId: row.thread, historyId: String(row.history) }
  },
})

const labels = verb({
  name: 'labels',
  does: 'Labels of messages change as another client would change them, by id or name, without any of the API’s rules.',
  takes: z.strictObject({
    account,
    ids: z.array(z.string()).min(1).max(10_000).describe('message ids'),
    add: labelNames.default([]).describe('made when there are none'),
    remove: labelNames.default([]),
  }),
  run(house, { account: address, ids, add, remove }) {
    const owner = accountOf(house, address)
    const { mailbox } = owner
    const rows = ids.map((id) => messageOf(owner, id))
    const added = add.map((label) => mailbox.labels.ensure(label))
    const removed = remove.map((label) => labelOf(owner, label))
    mailbox.db.transaction(() => {
      for (const row of rows) mailbox.changeLabels(row, added, removed)
    })
    return { historyId: String(mailbox.historyId) }
  },
})

const deleteMessages = verb({
  name: 'delete',
  does: 'Messages are deleted for ever, as another client would.',
  takes: z.strictObject({ account, ids: z.array(z.string()).min(1).max(10_000) }),
  run(house, { account: address, ids }) {
    const owner = accountOf(house, address)
    const rows = ids.map((id) => messageOf(owner, id))
    owner.mailbox.db.transaction(() => {
      for (const row of rows) owner.mailbox.remove(row)
    })
    return { historyId: String(owner.mailbox.historyId) }
  },
})

const createLabel = verb({
  name: 'createLabel',
  does: 'A user label is made. Answers {id, name}.',
  takes: z.strictObject({ account, name: z.string() }),
  run(house, { account: address, name }) {
    const row = accountOf(house, address).mailbox.labels.create(name)
    return { id: row.id, name: row.name }
  },
})

const renameLabel = verb({
  name: 'renameLabel',
  does: 'A user label, by id or name, gets another name; its children keep theirs.',
  takes: z.strictObject({ account, label: z.string(), name: z.string() }),
  run(house, { account: address, label, name }) {
    const owner = accountOf(house, address)
    const row = owner.mailbox.labels.update(labelOf(owner, label).id, { name })
    return { id: row.id, name: row.name }
  },
})

const deleteLabel = verb({
  name: 'deleteLabel',
  does: 'A user label, by id or name, goes from the list and from all messages.',
  takes: z.strictObject({ account, label: z.string() }),
  run(house, { account: address, label }) {
    const owner = accountOf(house, address)
    owner.mailbox.removeLabel(labelOf(owner, label).id)
    return undefined
  },
})

const send = verb({
  name: 'send',
  does: 'An account sends a message as from another client: it travels like messages.send. Answers {id, threadId}.',
  takes: z.strictObject({ account, text: z.string().min(1) }),
  run(house, { account: address, text }) {
    const row = house.world.post.send(accountOf(house, address), Buffer.from(text), {})
    return { id: row.id, threadId: row.thread }
  },
})

const addAlias = verb({
  name: 'addAlias',
  does: 'An account gets a further send-as address.',
  takes: z.strictObject({
    account,
    address: z.email(),
    name: z.string().default(''),
    verified: z.boolean().default(true),
  }),
  run(house, { account: owner, address, name, verified }) {
    saveAlias(accountOf(house, owner), address, name, verified)
    return undefined
  },
})

const outside = verb({
  name: 'outside',
  does: 'The last mails to addresses outside the simulator, oldest first: {mails: [{from, recipients, at, raw}]}.',
  takes: z.strictObject({}),
  run: ({ world }) => ({
    mails: world.post.outside().map(({ raw, ...mail }) => ({ ...mail, raw: raw.toString('base64') })),
  }),
})

export const mailVerbs = [
  deliver,
  labels,
  deleteMessages,
  createLabel,
  renameLabel,
  deleteLabel,
  send,
  addAlias,
  outside,
]
