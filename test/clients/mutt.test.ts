import assert from 'node:assert/strict'
import { test } from 'node:test'
import { without } from '#test/program.ts'
import { bySubject, letter, openDesk, type Desk } from './desk.ts'

/** It draws on a terminal, which `script` gives it; elsewhere that is another program. */
const skip =
  process.platform === 'linux' ? without('mutt') || without('script') : 'script is another program here'
const limits = { skip, timeout: 180_000 }

/** Types these keys as one visit; mutt must end by itself. */
async function types(desk: Desk, ...keys: string[]): Promise<void> {
  const settings = [
    'unset confirmappend',
    'set delete = yes',
    'set quit = yes',
    'unset wait_key',
    'unset resolve',
  ]
  const rc = await desk.file('.visit', `source .muttrc\n${settings.join('\n')}\npush "${keys.join('')}"\n`)
  await desk.done('script', ['-qec', `mutt -n -F ${rc}`, '/dev/null'])
}

test('mutt, set up as its guide says, reads, flags, moves and deletes', limits, async () => {
  await using desk = await openDesk([
    ...['read', 'starred', 'moved', 'answered', 'deleted'].map((name) => ['INBOX', letter(name)] as const),
    ['Work', letter('at work')],
  ])
  await desk.file('.muttrc', desk.snippet('mutt'))
  await types(
    desk,
    '<first-entry><display-message><exit>',
    '<next-entry><flag-message>',
    '<next-entry><save-message>=Work<enter>',
    '<next-entry><set-flag>r',
    '<last-entry><delete-message>',
    '<sync-mailbox><quit>',
  )
  const after = await desk.atGmail()
  const labels = (subject: string) => bySubject(after, subject).labels
  assert.deepEqual(labels('read'), ['INBOX'])
  assert.deepEqual(labels('starred'), ['INBOX', 'STARRED', 'UNREAD'])
  assert.deepEqual(labels('moved'), ['UNREAD', 'Work'])
  assert.ok(labels('answered').includes('INBOX'))
  // The guide's trash.
  assert.deepEqual(labels('deleted'), ['TRASH', 'UNREAD'])

  await types(
    desk,
    '<change-folder>=Work<enter><limit>moved<enter><save-message>=INBOX<enter><sync-mailbox><quit>',
  )
  assert.deepEqual(bySubject(await desk.atGmail(), 'moved').labels, ['INBOX', 'UNREAD'])
})

test('mutt sends, and one copy is in Sent whether mutt saves its own or not', limits, async () => {
  await using desk = await openDesk()
  const { peer } = desk.ready.simulator
  const guide = desk.snippet('mutt')
  await desk.file('.muttrc', guide)
  await desk.file('.saving', `${guide}set record = "+[Gmail]/Sent Mail"\n`)
  for (const [rc, subject] of [
    ['.muttrc', 'From mutt'],
    ['.saving', 'Saved by mutt'],
  ] as const) {
    await desk.done(
      'mutt',
      ['-n', '-F', rc, '-s', subject, '-b', peer.user, '--', 'cara@example.net'],
      'Hello.\n',
    )
    const sent = bySubject(await desk.atGmail(), subject)
    assert.deepEqual(sent.labels, ['SENT'])
    assert.match(sent.text, /^To: cara@example\.net\r$/m)
    const arrived = bySubject(await desk.atGmail('peer'), subject)
    assert.deepEqual(arrived.labels, ['INBOX', 'UNREAD'])
    assert.doesNotMatch(arrived.text, /^bcc:/im)
    assert.match(arrived.text, /\r\n\r\nHello\.\r\n/)
  }
})
