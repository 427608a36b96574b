import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { without } from '#test/program.ts'
import { bySubject, openDesk, type Desk } from './desk.ts'

/** A reason to skip a test that needs a program with this module of its interpreter. */
function withoutModule(program: string, interpreter: string, module: string): string | false {
  const here = spawnSync(interpreter, [`-M${module}`, '-e', '1']).status === 0
  return without(program) || (here ? false : `no ${module} here`)
}

/** A program that sends the file `letter.eml` to the peer, and to cara of whom the header says nothing. */
interface Sender {
  readonly name: string
  readonly skip: string | false
  readonly send: (desk: Desk, recipients: readonly [string, string]) => Promise<unknown>
}

const smtplib = `
import os, smtplib, ssl, sys
context = ssl.create_default_context(cafile=os.path.expanduser("~/.config/postern/authority.pem"))
host, port, user, *to = sys.argv[1:]
with smtplib.SMTP(host, int(port)) as smtp:
    smtp.starttls(context=context)
    smtp.login(user, open(os.path.expanduser("~/.config/postern/password")).read().strip())
    assert smtp.has_extn("8bitmime") and smtp.has_extn("pipelining")
    refused = smtp.sendmail(user, to, open("letter.eml", "rb").read())
    assert refused == {}, refused
`

const senders: readonly Sender[] = [
  {
    name: 'msmtp, set up as its guide says,',
    skip: without('msmtp'),
    send: async (desk, to) => {
      await desk.file('.msmtprc', desk.snippet('msmtp'))
      return desk.done('sh', ['-c', `msmtp -- ${to.join(' ')} < letter.eml`])
    },
  },
  {
    name: 'curl, as the guide for scripts says,',
    skip: without('curl'),
    send: (desk, [first, second]) => {
      const line = desk
        .snippet('script', 'Send a file with curl')
        .replace('someone@example.com', `${first} --mail-rcpt ${second}`)
        .replace('message.eml', 'letter.eml')
      return desk.done('sh', ['-c', line.replace('curl', 'curl --silent --show-error --fail')])
    },
  },
  {
    name: "Python's smtplib",
    skip: without('python3'),
    send: (desk, to) => {
      const { smtp, account } = desk.ready
      assert.ok(smtp)
      return desk.done('python3', ['-c', smtplib, smtp.host, String(smtp.port), account.user, ...to])
    },
  },
  {
    name: 'swaks with pipelining',
    skip: withoutModule('swaks', 'perl', 'Net::SSLeay'),
    send: (desk, to) => {
      const { smtps, account } = desk.ready
      const login = ['--auth', 'LOGIN', '--auth-user', account.user, '--auth-password', account.password]
      const server = ['--tlsc', '--server', `${smtps?.host}:${smtps?.port}`, '--pipeline', ...login]
      const mail = ['--from', account.user, '--to', to.join(','), '--data', '@letter.eml']
      return desk.done('swaks', [...server, ...mail])
    },
  },
]

const limit = { timeout: 180_000 }

test(
  'what is sent arrives octet for octet, once, its secret recipients unseen, and lies in Sent once',
  limit,
  async (t) => {
    await using desk = await openDesk()
    const { user } = desk.ready.account
    const peer = desk.ready.simulator.peer.user
    for (const { name, skip, send } of senders)
      await t.test(name, { skip }, async () => {
        const subject = `Sent by ${name.split(/[, ]/)[0]}`
        const body = 'Dots:\r\n.\r\n..two\r\nGr\xc3\xbc\xc3\x9fe\r\n'
        const head = [`From: ${user}`, `To: ${peer}`, `Subject: ${subject}`, 'MIME-Version: 1.0']
        const type = ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit']
        await desk.file('letter.eml', [...head, ...type, '', body].join('\r\n'))
        await send(desk, [peer, 'cara@example.net'])
        const arrived = bySubject(await desk.atGmail('peer'), subject)
        assert.deepEqual(arrived.labels, ['INBOX', 'UNREAD'])
        // swaks ends it with a line more.
        const text = arrived.text.slice(arrived.text.indexOf('\r\n\r\n') + 4)
        assert.equal(text.trimEnd(), body.trimEnd())
        assert.doesNotMatch(arrived.text, /cara/)
        const sent = bySubject(await desk.atGmail(), subject)
        assert.deepEqual(sent.labels, ['SENT'])
        assert.match(sent.text, /^Bcc: cara@example\.net\r$/m)
      })
  },
)
