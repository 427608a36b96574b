import assert from 'node:assert/strict'
import { mkdir, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { without } from '#test/program.ts'
import { bySubject, letter, openDesk, type Desk } from './desk.ts'

const subjects = ['one', 'three', 'two']
const limit = { timeout: 180_000 }

function openMailbox(): Promise<Desk> {
  return openDesk(subjects.map((subject) => ['INBOX', letter(subject)] as const))
}

function subjectsIn(text: string): string[] {
  return (text.match(/^Subject: .*$/gm) ?? []).map((line) => line.slice('Subject: '.length)).sort()
}

/** What was delivered by appending it to the file `mbox`. */
async function delivered(desk: Desk): Promise<string[]> {
  return subjectsIn(await readFile(join(desk.home, 'mbox'), 'latin1').catch(() => ''))
}

test(
  'fetchmail takes mail over IMAP, first with keep and then without',
  { ...limit, skip: without('fetchmail') },
  async () => {
    await using desk = await openMailbox()
    const { imaps, account } = desk.ready
    const fetchmail = async (keep: string) => {
      const login = `username "${account.user}" password "${account.password}"`
      const tls = 'ssl sslcertck sslcertfile .config/postern/authority.pem'
      // It holds a certificate against names alone, not against addresses.
      const poll = `poll localhost service ${imaps.port} protocol IMAP`
      await desk.file(
        '.fetchmailrc',
        `set no bouncemail\n${poll} ${login} ${tls} ${keep} mda "cat >> mbox"\n`,
      )
      const { code, output } = await desk.run('fetchmail', ['--pidfile', join(desk.home, 'pid')])
      // 1: there was no mail.
      assert.ok(code <= 1, output)
    }
    await fetchmail('keep')
    assert.deepEqual(await delivered(desk), subjects)
    assert.deepEqual(bySubject(await desk.atGmail(), 'one').labels, ['INBOX'])
    await desk.deliver(letter('unread'))
    // It asks for unseen mail, so nothing comes twice.
    while (!(await delivered(desk)).includes('unread')) await fetchmail('no keep')
    assert.deepEqual(await delivered(desk), [...subjects, 'unread'])
    assert.deepEqual(
      bySubject(await desk.atGmail(), 'unread').labels,
      [],
      'archived, which is what the account says of deleted mail',
    )
  },
)

test(
  'mpop keeps mail on the server and knows it again by UIDL',
  { ...limit, skip: without('mpop') },
  async () => {
    await using desk = await openDesk()
    const { pop3s, account } = desk.ready
    const place = join(desk.home, 'Mail')
    for (const half of ['cur', 'new', 'tmp']) await mkdir(join(place, half), { recursive: true })
    for (const subject of subjects) await desk.deliver(letter(subject))
    const settings = [
      'account default',
      `host ${pop3s?.host}`,
      `port ${pop3s?.port}`,
      // All of the last month, whether it was fetched or not.
      `user recent:${account.user}`,
      'passwordeval "cat ~/.config/postern/password"',
      'auth user',
      'tls on',
      'tls_starttls off',
      'tls_trust_file ~/.config/postern/authority.pem',
      'keep on',
      `delivery maildir ${place}`,
      'uidls_file ~/uidls',
    ]
    await desk.file('.mpoprc', `${settings.join('\n')}\n`)
    const fetched = async () => {
      await desk.done('mpop', [])
      const names = await readdir(join(place, 'new'))
      const texts = await Promise.all(names.map((name) => readFile(join(place, 'new', name), 'latin1')))
      return subjectsIn(texts.join('\n'))
    }
    // A message is offered once Postern has heard of it.
    while ((await fetched()).length < subjects.length);
    assert.deepEqual(await fetched(), subjects)
  },
)

test('getmail takes each message once, and none again', { ...limit, skip: without('getmail') }, async () => {
  await using desk = await openMailbox()
  const { pop3s, account } = desk.ready
  const settings = [
    '[retriever]',
    'type = SimplePOP3SSLRetriever',
    `server = ${pop3s?.host}`,
    `port = ${pop3s?.port}`,
    `username = ${account.user}`,
    `password = ${account.password}`,
    `ca_certs = ${join(desk.home, '.config/postern/authority.pem')}`,
    '[destination]',
    'type = MDA_external',
    'path = /bin/sh',
    `arguments = ("-c", "cat >> '${join(desk.home, 'mbox')}'")`,
    'allow_root_commands = true',
    '[options]',
    'read_all = false',
    'delete = false',
  ]
  await desk.file('.getmail/getmailrc', `${settings.join('\n')}\n`)
  await desk.done('getmail', [])
  assert.deepEqual(await delivered(desk), subjects)
  await desk.done('getmail', [])
  assert.deepEqual(await delivered(desk), subjects)
})
