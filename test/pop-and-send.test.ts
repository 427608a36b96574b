import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import Pop3Command from 'node-pop3'
import { createTransport } from 'nodemailer'
import { control, startPostern, withFolder } from './postern.ts'
import type { Running } from './postern.ts'
import { without } from './program.ts'

const run = promisify(execFile)
const fixtures = join(import.meta.dirname, 'fixtures/messages')
const names = ['alternative', 'dot-lines', 'simple', 'very-long-line']

interface State {
  accounts: { address: string; messages: { id: string; labelIds: string[]; messageId: string }[] }[]
}

describe('postern demo, sending and fetching', () => {
  let running: Running
  let finished: () => void
  let folder: Promise<void>

  before(async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    finished = resolve
    const { promise: ready, resolve: isReady, reject } = Promise.withResolvers<void>()
    folder = withFolder(async (dir) => {
      for (const name of names) cpSync(join(fixtures, `${name}.eml`), join(dir, `${name}.eml`))
      assert.equal(readdirSync(dir).length, names.length)
      try {
        running = await startPostern(['demo', '--mail', dir, '--quota', '0'], { POSTERN_POLL_SECONDS: '1' })
        isReady()
        await promise
      } catch (error) {
        reject(error)
      }
    })
    await ready
  })

  after(async () => {
    await running.stop()
    finished()
    await folder
  })

  const messagesOf = async (address: string) =>
    ((await control(running.ready, 'state')) as unknown as State).accounts.find(
      (one) => one.address === address,
    )?.messages ?? []

  test('node-pop3 lists exact sizes and retrieves every message octet for octet', async () => {
    const { pop3, account } = running.ready
    assert.ok(pop3)
    let client: Pop3Command
    let list: [string, string][]
    // A session offers what has been read by then; the next one offers more.
    do {
      client = new Pop3Command({ ...pop3, user: account.user, password: account.password })
      list = (await client.LIST()) as [string, string][]
      if (list.length < names.length) await client.QUIT()
    } while (list.length < names.length)
    const uidl = (await client.UIDL()) as [string, string][]
    assert.equal(list.length, names.length)
    for (const [index, name] of names.entries()) {
      const expected = readFileSync(join(fixtures, `${name}.eml`))
      assert.equal(Number(list[index]?.[1]), expected.length, `LIST of ${name}`)
      assert.match(uidl[index]?.[1] ?? '', /^GmailId[0-9a-f]+$/)
      // The client leaves dots stuffed, and takes the last line's CRLF for a part of the end.
      const text = (await client.RETR(index + 1)).replaceAll(/^\.\./gm, '.')
      assert.equal(`${text}\r\n`, expected.toString(), `RETR of ${name}`)
    }
    await client.QUIT()
  })

  test(
    'curl fetches over POP3 with TLS what was popped before, as recent:',
    { skip: without('curl') },
    async () => {
      const { pop3s, account } = running.ready
      assert.ok(pop3s)
      await control(running.ready, 'deliver', {
        text: 'From: a@example.com\r\nSubject: recent\r\n\r\nnew\r\n',
      })
      const user = `recent:${account.user}`
      const address = `pop3s://${encodeURIComponent(user)}:${account.password}@${pop3s.host}:${pop3s.port}/`
      const list = async () => (await run('curl', ['--silent', '--insecure', address])).stdout
      // The message is offered once its size is known: poll by poll, no faster than the server looks.
      while (!/^1 \d+/m.test(await list()));
    },
  )

  for (const secure of [false, true])
    test(`nodemailer sends over ${secure ? 'TLS' : 'STARTTLS'}: it arrives once, a Bcc stays unseen, one copy is in Sent`, async () => {
      const { smtp, smtps, account, simulator } = running.ready
      const door = secure ? smtps : smtp
      assert.ok(door)
      const transport = createTransport({
        ...door,
        secure,
        requireTLS: true,
        tls: { rejectUnauthorized: false },
        auth: { user: account.user, pass: account.password },
      })
      const subject = `Sent over ${door.port}`
      const earlier = { peer: await messagesOf(simulator.peer.user), own: await messagesOf(account.user) }
      const info = await transport.sendMail({
        from: account.user,
        to: 'somebody@example.com',
        bcc: simulator.peer.user,
        subject,
        text: 'Hello\n.\nDots stay.\n',
      })
      assert.match(info.response, /^250 /)
      const arrived = (await messagesOf(simulator.peer.user)).filter(
        ({ id }) => !earlier.peer.some((one) => one.id === id),
      )
      assert.equal(arrived.length, 1)
      const sent = (await messagesOf(account.user)).filter(
        ({ id }) => !earlier.own.some((one) => one.id === id),
      )
      assert.deepEqual(
        sent.map(({ labelIds }) => labelIds),
        [['SENT']],
      )
      assert.ok(info.response.includes(sent[0]?.id ?? '-'), 'the answer holds the id that Gmail gave')
      const raw = await rawOf(arrived[0]?.id ?? '')
      assert.match(raw, new RegExp(`^Subject: ${subject}\r$`, 'm'))
      assert.doesNotMatch(raw, /^bcc:/im)
      assert.match(raw, /\r\n\.\r\nDots stay/)
      transport.close()
    })

  test('a From that is not the account is refused with what is allowed', async () => {
    const { smtp, account } = running.ready
    assert.ok(smtp)
    const transport = createTransport({
      ...smtp,
      tls: { rejectUnauthorized: false },
      auth: { user: account.user, pass: account.password },
    })
    await assert.rejects(
      transport.sendMail({ from: 'boss@example.com', to: 'peer@gmail.test', subject: 'x', text: 'x' }),
      (error: Error & { response?: string }) => {
        assert.match(error.response ?? '', /^55\d /)
        assert.ok(error.response?.includes(account.user))
        return true
      },
    )
    transport.close()
  })

  async function rawOf(id: string): Promise<string> {
    const { simulator } = running.ready
    const answer = await fetch(`${simulator.url}/gmail/v1/users/me/messages/${id}?format=raw`, {
      headers: { authorization: `Bearer ${simulator.peer.token}` },
    })
    const { raw } = (await answer.json()) as { raw: string }
    return Buffer.from(raw, 'base64url').toString()
  }
})

test('postern sendmail -t sends what it reads, through the Postern that runs', async () => {
  await withFolder(async (dir) => {
    const running = await startPostern(['demo', '--data', dir, '--quota', '0'])
    const sendmail = (args: readonly string[], letter: string) => {
      const child = run(
        process.execPath,
        [join(import.meta.dirname, '../src/main.ts'), 'sendmail', ...args],
        { env: { ...process.env, POSTERN_DATA_DIR: join(dir, 'bridge') } },
      )
      child.child.stdin?.end(letter)
      return child
    }
    await sendmail(['-t'], 'To: peer@gmail.test\nSubject: from cron\n\nDone.\n')
    const { accounts } = (await control(running.ready, 'state', {
      account: 'peer@gmail.test',
    })) as unknown as State
    assert.ok(accounts[0]?.messages.some(({ labelIds }) => labelIds.includes('INBOX')))
    await assert.rejects(sendmail(['-t'], 'Subject: to nobody\n\nx\n'), { code: 65 })
    await running.stop()
  })
})
