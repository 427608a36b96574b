import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ImapFlow } from 'imapflow'
import { hasDovecot, startDovecot } from '#test/dovecot/dovecot.ts'
import { without } from '#test/program.ts'
import { letter, openDesk } from './desk.ts'

interface Account {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** Logs in, works, leaves. */
async function visit<T>({ host, port, user, password }: Account, work: (client: ImapFlow) => Promise<T>) {
  const client = new ImapFlow({
    host,
    port,
    secure: false,
    doSTARTTLS: false,
    auth: { user, pass: password },
    logger: false,
    disableAutoIdle: true,
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.logout()
  }
}

/** Each mailbox that can be selected, with the subjects and flags in it, sorted. */
async function contents(account: Account): Promise<Record<string, string[]>> {
  return await visit(account, async (client) => {
    const found: Record<string, string[]> = {}
    for (const { path, flags } of await client.list()) {
      if (flags.has(String.raw`\Noselect`) || flags.has(String.raw`\NonExistent`)) continue
      await client.mailboxOpen(path, { readOnly: true })
      const messages: string[] = []
      for await (const one of client.fetch('1:*', { envelope: true, flags: true })) {
        const kept = [...(one.flags ?? [])].filter((flag) => flag !== String.raw`\Recent`)
        messages.push([one.envelope?.subject, ...kept.sort()].join(' '))
      }
      found[path] = messages.sort()
    }
    return found
  })
}

test(
  'interimap keeps a Dovecot the same as Gmail, both ways, by QRESYNC',
  { skip: without('interimap') || (!hasDovecot() && 'no Dovecot 2.3 here'), timeout: 180_000 },
  async () => {
    const mail = await mkdtemp(join(tmpdir(), 'postern-no-mail-'))
    const dovecot = await startDovecot({ mail })
    await rm(mail, { recursive: true, force: true })
    try {
      const subjects = Array.from({ length: 60 }, (_, i) => `letter ${i + 1}`)
      await using desk = await openDesk([
        ...subjects.map((subject) => ['INBOX', letter(subject)] as const),
        ['Work/Prüfung', letter('an exam')],
      ])
      const gmail = { ...desk.ready.imap, ...desk.ready.account }
      const local = { ...dovecot.imap, user: 'interimap', password: dovecot.password }
      const section = ({ host, port, user, password }: Account) =>
        `type = imap\nhost = ${host}\nport = ${port}\nusername = ${user}\npassword = ${password}\nSTARTTLS = NO\n`
      const path = await desk.file(
        'interimap.conf',
        `database = ${desk.home}/state.db\n[local]\n${section(local)}[remote]\n${section(gmail)}`,
      )
      const sync = () => desk.done('interimap', [`--config=${path}`])

      await sync()
      const first = await contents(gmail)
      assert.equal(first['INBOX']?.length, 60)
      assert.deepEqual(first['Work/Prüfung'], [String.raw`an exam \Seen`])
      assert.deepEqual(await contents(local), first)

      await visit(gmail, async (client) => {
        await client.mailboxOpen('INBOX')
        await client.messageFlagsAdd('1:10', [String.raw`\Seen`])
        await client.messageFlagsAdd('5', [String.raw`\Flagged`, 'Klee'])
        await client.messageDelete('20:25')
        await client.mailboxCreate('Neu/Übung')
        await client.messageCopy('1:3', 'Neu/Übung')
      })
      await visit(local, async (client) => {
        await client.mailboxOpen('INBOX')
        await client.messageFlagsAdd('31:35', [String.raw`\Seen`, String.raw`\Answered`])
        await client.messageDelete('40:42')
        await client.mailboxCreate('Daheim/東京')
        await client.messageCopy('11:12', 'Daheim/東京')
        await client.append('INBOX', letter('written at home'), [String.raw`\Seen`])
      })
      await sync()
      const after = await contents(gmail)
      assert.equal(after['INBOX']?.length, 60 - 6 - 3 + 1)
      assert.deepEqual(after['Neu/Übung']?.length, 3)
      assert.deepEqual(after['Daheim/東京']?.length, 2)
      assert.ok(after['INBOX']?.includes(String.raw`written at home \Seen`))
      assert.ok(after['INBOX']?.some((one) => one.includes('Klee')))
      assert.deepEqual(await contents(local), after)

      // A sync with nothing to do costs nothing and changes nothing.
      assert.deepEqual(await desk.callsDuring(sync), {})
      assert.deepEqual(await contents(gmail), after)
    } finally {
      await dovecot.stop()
    }
  },
)
