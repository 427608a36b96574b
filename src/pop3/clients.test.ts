import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openPopHouse, password, threeMessages, user } from './testing/pop-house.ts'

const run = promisify(execFile)

/** Says why a test is skipped where a program is not installed. */
function without(program: string): string | false {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return false
  } catch {
    return `${program} is not installed`
  }
}

async function curl(...args: string[]): Promise<string> {
  return (await run('curl', ['-s', '--max-time', '10', ...args], { encoding: 'latin1' })).stdout
}

const noCurl = without('curl')
const noFetchmail = without('fetchmail')
const noMpop = without('mpop')

async function folder(t: { after(work: () => Promise<void>): void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-pop3-client-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

test('curl lists and retrieves, clear, with STLS and with TLS', { skip: noCurl }, async () => {
  await using house = await openPopHouse()
  const clear = `pop3://${house.pop3.host}:${house.pop3.port}`
  const secure = `pop3s://${house.pop3s.host}:${house.pop3s.port}`
  const login = ['-u', `${user}:${password}`]
  const sizes = threeMessages.map(({ bytes }, index) => `${index + 1} ${bytes.length}\r\n`).join('')
  assert.equal(await curl(...login, `${clear}/`), sizes)
  assert.equal(await curl('-k', '--ssl-reqd', ...login, `${clear}/`), sizes)
  assert.equal(await curl('-k', ...login, `${secure}/2`), threeMessages[1]?.bytes)
  assert.match(await curl('-k', ...login, '-X', 'UIDL', `${secure}/`), /^1 GmailId[0-9a-f]+\r\n2 /)
  // Each visit ends with QUIT: what was retrieved is not on offer again, so the next one is number 1.
  const auth = ['--login-options', 'AUTH=LOGIN']
  assert.equal(await curl('-k', ...auth, ...login, `${secure}/1`), threeMessages[0]?.bytes)
  const bearer = ['--oauth2-bearer', 'ya29.right', '-u', `${user}:`]
  assert.equal(await curl('-k', ...bearer, `${secure}/1`), threeMessages[2]?.bytes)
})

test('fetchmail fetches, deletes, and does not fetch again', { skip: noFetchmail }, async (t) => {
  await using house = await openPopHouse()
  const dir = await folder(t)
  const rc = join(dir, 'rc')
  const settings = (keep: string) =>
    `set no bouncemail\npoll ${house.pop3.host} service ${house.pop3.port} protocol POP3 uidl ` +
    `username "${user}" password "${password}" sslproto '' ${keep} mda "cat >> '${join(dir, 'mail')}'"\n`
  const fetchmail = async (keep: string) => {
    await writeFile(rc, settings(keep))
    await chmod(rc, 0o600)
    const args = ['-f', rc, '-i', join(dir, 'ids'), '--pidfile', join(dir, 'pid')]
    // 1: there was no mail.
    await run('fetchmail', args, { env: { ...process.env, HOME: dir, FETCHMAILHOME: dir } }).catch(
      (error: { code?: number; stderr?: string }) => {
        if (error.code !== 1) throw error
      },
    )
    return (await readFile(join(dir, 'mail'), 'latin1')).match(/^Subject: .*$/gm)
  }
  const subjects = ['Subject: The first', 'Subject: The second', 'Subject: The third']
  assert.deepEqual(await fetchmail('keep'), subjects)
  house.mailstore.deliver('INBOX', { bytes: 'From: a@b.test\r\nSubject: The fourth\r\n\r\nx\r\n' })
  assert.deepEqual(await fetchmail('no keep'), [...subjects, 'Subject: The fourth'])
  assert.deepEqual(
    house.keeper.updates.flatMap(({ change }) => change.deleted),
    [house.mailstore.keyOf('INBOX', 4)],
  )
  assert.equal((await fetchmail('no keep'))?.length, 4)
})

test('mpop fetches a batch with pipelining and deletes it', { skip: noMpop }, async (t) => {
  const messages = Array.from({ length: 90 }, (_, index) => ({
    bytes: `From: a@b.test\r\nSubject: Number ${index + 1}\r\n\r\n.\r\n..\r\nText ${index + 1}\r\n`,
  }))
  await using house = await openPopHouse({ mailboxes: [{ name: 'INBOX', messages }] })
  const dir = await folder(t)
  for (const name of ['cur', 'new', 'tmp']) await mkdir(join(dir, 'maildir', name), { recursive: true })
  await run('mpop', [
    `--host=${house.pop3.host}`,
    `--port=${house.pop3.port}`,
    '--tls=off',
    '--auth=user',
    `--user=${user}`,
    `--passwordeval=echo '${password}'`,
    `--delivery=maildir,${join(dir, 'maildir')}`,
    `--uidls-file=${join(dir, 'uidls')}`,
    '--received-header=off',
    '--pipelining=on',
    '--keep=off',
    '--half-quiet',
  ])
  const names = await readdir(join(dir, 'maildir', 'new'))
  const texts = await Promise.all(names.map((name) => readFile(join(dir, 'maildir', 'new', name), 'latin1')))
  assert.deepEqual(texts.toSorted(), messages.map(({ bytes }) => bytes.replaceAll('\r\n', '\n')).toSorted())
  assert.equal(house.keeper.updates[0]?.change.deleted.length, 90)
})
