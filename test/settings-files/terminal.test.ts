import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { settled } from '../faults/bridge.ts'
import { control, startPostern } from '../postern.ts'
import type { Ready, Running } from '../postern.ts'
import { without } from '../program.ts'
import { shownGuide } from './page.ts'

const run = promisify(execFile)

const patienceMs = 120_000
const letter = (subject: string) =>
  `From: demo@gmail.test\nTo: peer@gmail.test\nSubject: ${subject}\n\nFrom a terminal.\n`

/** What the pages give for a terminal, done as a person does it, in a home of its own. */
describe(
  'what the pages give for a terminal',
  { skip: process.platform === 'win32' && 'no POSIX shell here' },
  () => {
    let running: Running
    let ready: Ready
    let home = ''

    before(async () => {
      home = await mkdtemp(join(tmpdir(), 'postern-home-'))
      running = await startPostern(['demo', '--quota', '0'], { POSTERN_POLL_SECONDS: '1' })
      ready = running.ready
    })
    after(async () => {
      await running?.stop()
      await rm(home, { recursive: true, force: true })
    })

    /** Runs a line of a shell with this on its standard input; rejects with what it said when it fails. */
    async function shell(line: string, input = ''): Promise<{ stdout: string; stderr: string }> {
      // From a file: Node would give a socket, which nobody can open by the name of /dev/stdin.
      await put('input', input)
      const env = { PATH: process.env['PATH'], HOME: home, TERM: 'xterm', LC_ALL: 'C.UTF-8' }
      const options = { cwd: home, env, timeout: patienceMs, encoding: 'utf8' } as const
      try {
        return await run('sh', ['-c', `{ ${line}\n} < ~/input`], options)
      } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string }
        throw new Error(`${line}: ${stdout}${stderr}`, { cause: error })
      }
    }

    /** Follows the steps of a page up to its text; gives that, by the file that it belongs into. */
    async function follow(name: string): Promise<ReadonlyMap<string, string>> {
      const { steps, snippets } = await shownGuide(ready.web.url, name)
      const command = (start: string) => {
        const found = steps.find((step) => step.startsWith(start))?.split(': ')
        assert.ok(found !== undefined, `${name} has a step “${start}”`)
        return found.slice(1).join(': ')
      }
      await shell(command('Fetch Postern’s authority once'))
      await shell(command('Make a password for it here'), `${ready.account.password}\n`)
      return snippets
    }

    async function put(file: string, text: string): Promise<void> {
      const path = join(home, file.replace(/^~\//, ''))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text, { mode: 0o600 })
    }

    /** Fails unless the other mailbox of the simulator got this message. */
    async function arrivedAtPeer(subject: string): Promise<void> {
      const { user, token } = ready.simulator.peer
      const query = new URLSearchParams({ q: `subject:${subject}` }).toString()
      const answer = await fetch(`${ready.simulator.url}/gmail/v1/users/${user}/messages?${query}`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const { messages = [] } = (await answer.json()) as { messages?: unknown[] }
      assert.equal(messages.length, 1, subject)
    }

    test('msmtp sends with it', { skip: without('msmtp') }, async () => {
      const [[file = '', text = ''] = []] = await follow('msmtp')
      assert.equal(file, '~/.msmtprc')
      await put(file, text)
      assert.match((await shell('msmtp --pretend peer@gmail.test')).stdout, /auth\s+= choose/)
      assert.match((await shell('msmtp --serverinfo')).stdout, /TLS session parameters/)
      await shell('msmtp -t', letter('msmtp-1'))
      await arrivedAtPeer('msmtp-1')
    })

    test('mbsync lists and copies the mailboxes with it', { skip: without('mbsync') }, async () => {
      const [[file = '', text = ''] = []] = await follow('mbsync')
      assert.equal(file, '~/.mbsyncrc')
      await put(file, text)
      await mkdir(join(home, 'Mail'))
      const { stdout } = await shell('mbsync -l postern')
      const names = stdout.split('\n')
      for (const name of ['INBOX', '[Gmail]/Sent Mail', '[Gmail]/Drafts', '[Gmail]/Trash'])
        assert.ok(names.includes(name), stdout)
      assert.ok(!names.includes('[Gmail]/All Mail'))
      const { accounts } = (await control(ready, 'state', { account: ready.account.user })) as {
        accounts: { messages: { labelIds: string[] }[] }[]
      }
      const inbox = accounts[0]?.messages.filter(({ labelIds }) => labelIds.includes('INBOX')).length
      const copied = async () => {
        const all = await readdir(join(home, 'Mail/INBOX'), { recursive: true })
        return all.filter((path) => /^(?:new|cur)[/\\][^.]/.test(path)).length
      }
      // The first time the bridge may not know all of them yet.
      await settled(ready)
      await shell('mbsync -a')
      assert.equal(await copied(), inbox)
    })

    for (const [program, file, probe] of [
      ['mutt', '.muttrc', 'mutt -v'],
      ['neomutt', '.config/neomutt/neomuttrc', 'neomutt -v'],
    ] as const)
      test(`${program} sends and reads with it`, { skip: without(program) }, async (t: TestContext) => {
        await shell(probe)
        const [text = ''] = (await follow('mutt')).values()
        await put(file, text)
        const { stdout, stderr } = await shell(`${program} -F ~/${file} -Q spoolfile`)
        assert.equal(stderr, '')
        assert.match(stdout, /INBOX/)
        await shell(`${program} -F ~/${file} -s ${program}-1 peer@gmail.test`, 'From a terminal.\n')
        await arrivedAtPeer(`${program}-1`)
        if (without('script')) return t.diagnostic('no script here: reading needs a terminal')
        // A terminal of script's, in which the program opens the mailbox and hands its last message to cat.
        const keys = `push '<last-entry><pipe-message>cat > ~/${program}-read<enter><quit>'`
        await shell(`script -qec "${program} -F ~/${file} -e \\"${keys}\\"" /dev/null`)
        assert.match(
          (await shell(`cat ~/${program}-read`)).stdout,
          /^(?:Date|Delivered-To|From|Received|Return-Path|Subject):/m,
        )
      })

    test('curl reads and sends with it', { skip: without('curl') }, async () => {
      const snippets = await follow('script')
      const { stdout } = await shell(snippets.get('Read the newest message with curl') ?? 'false')
      assert.match(stdout, /^Subject:/m)
      await put('message.eml', letter('curl-1'))
      const send = snippets.get('Send a file with curl') ?? 'false'
      await shell(send.replace('someone@example.com', 'peer@gmail.test'))
      await arrivedAtPeer('curl-1')
    })

    test('Python lists what is unread with it', { skip: without('python3') }, async () => {
      const snippets = await follow('script')
      await put('unread.py', snippets.get('List unread subjects with Python') ?? '')
      const { stdout } = await shell('python3 unread.py')
      assert.match(stdout, /^Subject: /m)
    })
  },
)
