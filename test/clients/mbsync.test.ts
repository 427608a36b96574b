import assert from 'node:assert/strict'
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { without } from '#test/program.ts'
import { bySubject, letter, openDesk, type Desk } from './desk.ts'

const subjects = ['read there', 'read here', 'gone there', 'gone here', 'stays']

/** The Maildir as mbsync left it: the path of each message by its Subject. */
async function maildir(desk: Desk, mailbox: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const half of ['cur', 'new']) {
    const folder = join(desk.home, 'Mail', mailbox, half)
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'latin1')
      found.set(/^Subject: (.*)$/m.exec(text)?.[1] ?? '', join(folder, name))
    }
  }
  return found
}

function flagsOf(path: string | undefined): string | undefined {
  return path?.split(':2,')[1]
}

test(
  'mbsync, set up as its guide says, keeps a Maildir: flags, new mail and deletions both ways',
  { skip: without('mbsync'), timeout: 180_000 },
  async () => {
    await using desk = await openDesk([
      ...subjects.map((subject) => ['INBOX', letter(subject)] as const),
      ['Work/Projects', letter('a project')],
      ['SENT', letter('was sent')],
    ])
    const isOld = /isync 1\.[0-4]\./.test(await desk.done('mbsync', ['--version']))
    const guide = desk.snippet('mbsync')
    await desk.file('.mbsyncrc', isOld ? guide.replace('TLSType', 'SSLType') : guide)
    await desk.file('Mail/.keep', '')
    const sync = () => desk.done('mbsync', ['-a'])
    /** Postern hears of what others did at Gmail within its poll; mbsync is run until it has. */
    const syncUntil = async (holds: (found: Map<string, string>) => boolean) => {
      do await sync()
      while (!holds(await maildir(desk, 'INBOX')))
    }

    await sync()
    const inbox = await maildir(desk, 'INBOX')
    assert.deepEqual([...inbox.keys()].sort(), subjects.toSorted())
    for (const [subject, path] of inbox) {
      const text = (await readFile(path, 'latin1')).replace(/^X-TUID: .*\n/m, '')
      assert.equal(text, letter(subject).replaceAll('\r\n', '\n'))
    }
    assert.deepEqual([...(await maildir(desk, 'Work/Projects')).keys()], ['a project'])
    assert.deepEqual([...(await maildir(desk, '[Gmail]/Sent Mail')).keys()], ['was sent'])

    // A sync with nothing to do costs nothing.
    assert.deepEqual(await desk.callsDuring(sync), {})

    // On Gmail's side.
    const idOf = async (subject: string) => bySubject(await desk.atGmail(), subject).id
    await desk.relabel(await idOf('read there'), { remove: ['UNREAD'], add: ['STARRED'] })
    await desk.relabel(await idOf('gone there'), { remove: ['INBOX'] })
    await desk.deliver(letter('new there'))
    // On this side.
    const path = (subject: string) => inbox.get(subject) ?? ''
    const named = (subject: string, flags: string) =>
      join(desk.home, 'Mail/INBOX/cur', `${path(subject).split('/').at(-1)?.split(':2,')[0]}:2,${flags}`)
    await rename(path('read here'), named('read here', 'FRS'))
    await rm(path('gone here'))
    const written = letter('new here').replaceAll('\r\n', '\n')
    await writeFile(join(desk.home, 'Mail/Work/Projects/new/1.written.here'), written)

    await syncUntil((all) => all.has('new there') && !all.has('gone there'))
    const after = await maildir(desk, 'INBOX')
    assert.deepEqual([...after.keys()].sort(), ['new there', 'read here', 'read there', 'stays'])
    assert.equal(flagsOf(after.get('read there')), 'FS')
    const atGmail = await desk.atGmail()
    assert.deepEqual(bySubject(atGmail, 'read here').labels, ['INBOX', 'STARRED'])
    assert.ok(!bySubject(atGmail, 'gone here').labels.includes('INBOX'))
    assert.deepEqual(bySubject(atGmail, 'new here').labels, ['UNREAD', 'Work/Projects'])

    await sync()
    assert.deepEqual(await desk.callsDuring(sync), {})
    assert.deepEqual([...(await maildir(desk, 'INBOX')).keys()].sort(), [...after.keys()].sort())
    assert.equal((await desk.atGmail()).length, atGmail.length)
  },
)
