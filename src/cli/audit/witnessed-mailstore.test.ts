import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountMailstore } from '#account/mailstore.ts'
import { MailError } from '#mail/errors.ts'
import { FlagBit, FlagTable } from '#mail/flags.ts'
import { labelId, mailboxId, messageKey } from '#mail/ids.ts'
import type { Mailbox } from '#mail/mailbox.ts'
import { mailstoreWith } from '#mail/mailstore-with.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { withoutDeleting } from '#mail/no-delete.ts'
import type { AuditEntry } from './audit-log.ts'
import { createWitness } from './witness.ts'
import { witnessedMailstore } from './witnessed-mailstore.ts'

const reading = [
  'alert',
  'attach',
  'bodies',
  'body',
  'bodyAtHand',
  'candidates',
  'finding',
  'fresh',
  'identities',
  'known',
  'labelsOf',
  'mailboxes',
  'saveDates',
  'mayHold',
  'onMailboxes',
  'onStatus',
  'open',
  'poke',
  'recordAtHand',
  'records',
  'status',
  'vanished',
]
const changing = [
  'append',
  'changeFlags',
  'changeLabels',
  'copy',
  'createMailbox',
  'deleteMailbox',
  'expunge',
  'move',
  'renameMailbox',
  'setSubscribed',
]
const signal = new AbortController().signal
const inbox: Mailbox = {
  id: mailboxId(1),
  name: 'INBOX',
  role: 'inbox',
  selectable: true,
  hasChildren: false,
  subscribed: true,
  labelId: labelId('INBOX'),
}

/** Says what it was asked for; `trouble` is thrown by whatever changes something. */
function recorder(trouble?: Error): { mailstore: Mailstore; asked: string[] } {
  const asked: string[] = []
  const methods = Object.fromEntries(
    [...reading, ...changing].map((name) => [
      name,
      async () => {
        if (name === 'mailboxes') return [inbox]
        asked.push(name)
        if (trouble !== undefined) throw trouble
        return undefined
      },
    ]),
  )
  return { mailstore: { ...methods, address: 'a@x.test', flagTable: new FlagTable() } as never, asked }
}

test('every method of a mailstore is known to read or to change: what changes is written down', async () => {
  const methods = Object.getOwnPropertyNames(AccountMailstore.prototype).filter(
    (name) => name !== 'constructor' && name !== 'isFresh',
  )
  assert.deepEqual(methods.toSorted(), [...reading, ...changing].toSorted())
  const { mailstore, asked } = recorder()
  const written: AuditEntry[] = []
  const audit = { record: (entry: AuditEntry) => void written.push(entry), reopen() {}, close() {} }
  const witnessed = witnessedMailstore(mailstore, createWitness(audit, { address: 'a@x.test' }))
  const change = { mode: 'add', bits: FlagBit.seen, keywords: [], labels: [] }
  for (const name of changing) {
    const method = Reflect.get(witnessed, name) as (...given: unknown[]) => Promise<unknown>
    await method(inbox.id, [messageKey(1)], change, signal)
  }
  assert.deepEqual(asked, changing)
  assert.equal(written.length, changing.length)
  assert.ok(written.every(({ result, address }) => result === 'ok' && address === 'a@x.test'))
  for (const name of reading) assert.equal(typeof Reflect.get(witnessed, name), 'function', name)
})

test('what fails is written down with its reason, and fails all the same', async () => {
  const written: AuditEntry[] = []
  const audit = { record: (entry: AuditEntry) => void written.push(entry), reopen() {}, close() {} }
  const aborted = AbortSignal.abort()
  for (const trouble of [new MailError('throttled', 'Wait'), aborted.reason as Error, new Error('a bug')]) {
    const { mailstore } = recorder(trouble)
    const witnessed = witnessedMailstore(mailstore, createWitness(audit, {}))
    await assert.rejects(witnessed.expunge(mailboxId(1), [messageKey(1)], signal), trouble)
  }
  assert.deepEqual(
    written.map(({ action, mailbox, messages, result }) => [action, mailbox, messages, result]),
    [
      ['expunge', 'INBOX', 1, 'throttled'],
      ['expunge', 'INBOX', 1, 'aborted'],
      ['expunge', 'INBOX', 1, 'failed'],
    ],
  )
})

test('a mailstore with some methods replaced is the same in all else, and guarded only once', () => {
  const { mailstore } = recorder()
  const wrapped = mailstoreWith(mailstore, { poke() {} })
  assert.equal(wrapped.address, mailstore.address)
  assert.equal(wrapped.flagTable, mailstore.flagTable)
  assert.equal(member(wrapped, 'fresh'), member(wrapped, 'fresh'))
  assert.notEqual(member(wrapped, 'poke'), member(mailstore, 'poke'))
  assert.equal(withoutDeleting(mailstore), withoutDeleting(mailstore))
})

function member(of: Mailstore, name: string): unknown {
  return Reflect.get(of, name)
}
