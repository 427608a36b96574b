import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { sort } from '#imap/commands/sort.ts'
import { thread } from '#imap/commands/thread.ts'
import { createMemoryMailstore } from '#imap/testing/memory-mailstore.ts'
import { RawClient } from '#imap/testing/raw-client.ts'
import { run, selected } from '#imap/testing/run-command.ts'
import { hasDovecot, startDovecot } from './dovecot.ts'

const mailboxes = 30
const absent = hasDovecot() ? false : 'Dovecot is not installed here (Debian: dovecot-imapd)'

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
const pieces = fc.array(
  fc.constantFrom('Re: ', 'Fwd:', '[list] ', 'tea', 'Milk', ' (fwd)', '[fwd: ', ']', ' '),
  {
    maxLength: 5,
  },
)

/** A letter of a few words that other letters may have too. */
const letter = fc
  .record({
    id: fc.option(name),
    references: fc.array(name, { maxLength: 4 }),
    subject: pieces.map((some) => some.join('').trim()),
    hour: fc.nat(23),
    from: fc.constantFrom('Zoe <ann@x.test>', 'ben@x.test', '"amy" <Carl@x.test>', 'Émile <d@x.test>'),
  })
  .map(({ id, references, subject, hour, from }) =>
    [
      `From: ${from}`,
      `Date: Mon, 5 Jan 2026 ${String(hour).padStart(2, '0')}:00:00 +0000`,
      `Subject: ${subject}`,
      ...(id === null ? [] : [`Message-ID: <${id}@x.test>`]),
      ...(references.length === 0
        ? []
        : [`References: ${references.map((one) => `<${one}@x.test>`).join(' ')}`]),
      '',
      'Text.',
      '',
    ].join('\r\n'),
  )

const questions = [
  ['SORT', '(SUBJECT)'],
  ['SORT', '(DATE)'],
  ['SORT', '(FROM REVERSE DATE)'],
  ['SORT', '(REVERSE DISPLAYFROM SUBJECT)'],
  ['THREAD', 'ORDEREDSUBJECT'],
  ['THREAD', 'REFERENCES'],
  ['THREAD', 'REFS'],
] as const

test('random mail comes out of SORT and THREAD as Dovecot has it', { skip: absent }, async () => {
  const none = await mkdtemp(join(tmpdir(), 'postern-no-mail-'))
  const dovecot = await startDovecot({ mail: none })
  try {
    const boxes = fc.sample(fc.array(letter, { minLength: 3, maxLength: 10 }), {
      numRuns: mailboxes,
      seed: 5256,
    })
    for (const [i, letters] of boxes.entries()) {
      using client = await RawClient.connect(dovecot.imap)
      await client.command('l', `LOGIN sorting-${i} "${dovecot.password}"`)
      const messages = letters.map((text) => ({ bytes: Buffer.from(text, 'utf8') }))
      for (const [n, { bytes }] of messages.entries())
        await client.command(`p${n}`, `APPEND INBOX {${bytes.length}+}\r\n${bytes.toString('latin1')}`)
      await client.command('s', 'SELECT INBOX')
      const store = createMemoryMailstore({
        address: 'a@x.test',
        mailboxes: [{ name: 'INBOX', role: 'inbox', messages }],
      })
      const context = await selected(store, 'INBOX')
      const dates = letters.map((text) => /^Date: .*$/m.exec(text)?.[0])
      // REFS says nothing of threads whose newest letters were sent at the same time.
      const asked = questions.filter(([, how]) => how !== 'REFS' || new Set(dates).size === dates.length)
      for (const [command, how] of asked) {
        const theirs = /^\* (?:SORT|THREAD).*$/m.exec(
          await client.command('q', `${command} ${how} UTF-8 ALL`),
        )
        const value = command === 'SORT' ? sort : thread
        const ours = await run(value as typeof thread, context, ` ${how} UTF-8 ALL`)
        assert.equal(ours.lines[0], theirs?.[0]?.trimEnd(), `${command} ${how} of\n${letters.join('---\n')}`)
      }
    }
  } finally {
    await dovecot.stop()
    await rm(none, { recursive: true, force: true })
  }
})
