import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RawClient } from '#imap/testing/raw-client.ts'
import type { Ready } from './postern.ts'
import { demoUser, withServe } from './serve.ts'

const limit = { timeout: 240_000 }

async function imap(
  { imap: door }: Ready,
  user: string,
  password: string,
): Promise<{ client: RawClient; answer: string }> {
  const client = await RawClient.connect(door)
  await client.until(/\r\n/)
  return { client, answer: await client.command('l', `LOGIN ${user} "${password}"`) }
}

test('a password that may not delete lets nothing vanish, and leaves the rest to do', limit, () =>
  withServe(
    ({ simulator }) => ({
      accounts: [
        {
          email: demoUser,
          auth: { refreshToken: simulator.refreshToken },
          passwords: [
            { name: 'keeper', password: 'keeper-password', noDelete: true },
            { name: 'all', password: 'whole-password' },
          ],
        },
      ],
    }),
    async ({ ready }) => {
      using keeper = (await imap(ready, demoUser, 'keeper-password')).client
      using other = (await imap(ready, demoUser, 'whole-password')).client
      const selected = await keeper.command('s', 'SELECT INBOX')
      assert.match(selected, /s OK \[READ-WRITE\]/)
      const permanent = /PERMANENTFLAGS \(([^)]*)\)/.exec(selected)?.[1]
      assert.match(permanent ?? '', /\\Seen/)
      assert.doesNotMatch(permanent ?? '', /\\Deleted/)
      assert.match(await other.command('s', 'SELECT INBOX'), /PERMANENTFLAGS \([^)]*\\Deleted/)
      const counted = /\* (\d+) EXISTS/.exec(selected)?.[1]
      assert.ok(Number(counted) > 1)

      const no = /^[a-z] NO \[NOPERM\] This password may not delete anything\r\n/m
      for (const line of [
        'STORE 1 +FLAGS (\\Deleted)',
        'STORE 1 FLAGS (\\Seen \\Deleted)',
        'MOVE 1 "[Gmail]/Trash"',
        'COPY 1 "[Gmail]/Spam"',
        'STORE 1 +X-GM-LABELS (\\Trash)',
      ])
        assert.match(await keeper.command('a', line), no, line)
      keeper.send('b REPLACE 1 INBOX {16}\r\n')
      await keeper.until(/^\+/m)
      keeper.send('Subject: x\r\n\r\ny\r\n\r\n')
      assert.match(await keeper.until(/b (?:OK|NO|BAD)[^\r\n]*\r\n/), no)

      // What another program marked is not taken by this one, neither by EXPUNGE nor by CLOSE.
      assert.match(await other.command('c', 'STORE 1 +FLAGS (\\Deleted)'), /^c OK/m)
      await keeper.command('n', 'NOOP')
      assert.match(await keeper.command('d', 'EXPUNGE'), no)
      assert.match(await keeper.command('e', 'STORE 1 -FLAGS (\\Deleted)'), /^e OK/m)
      assert.match(await other.command('c', 'STORE 1 +FLAGS (\\Deleted)'), /^c OK/m)
      assert.match(await keeper.command('f', 'CLOSE'), /^f OK/m)
      assert.match(await other.command('c', 'STORE 1 -FLAGS (\\Deleted)'), /^c OK/m)

      assert.match(await keeper.command('g', 'CREATE Kept'), /^g OK/m)
      assert.match(await keeper.command('h', 'DELETE Kept'), no)
      assert.match(await keeper.command('s', 'SELECT INBOX'), new RegExp(`\\* ${counted} EXISTS`))
      assert.match(await keeper.command('i', 'STORE 1 +FLAGS (\\Flagged)'), /^i OK/m)
      assert.match(await keeper.command('j', 'MOVE 1 Kept'), /^j OK/m)
      assert.match(await keeper.command('k', 'STATUS Kept (MESSAGES)'), /MESSAGES 1\)/)

      assert.ok(ready.pop3)
      using pop = await RawClient.connect(ready.pop3)
      await pop.until(/\r\n/)
      pop.send(`USER ${demoUser}\r\n`)
      await pop.until(/\r\n/)
      pop.send('PASS keeper-password\r\n')
      assert.match(await pop.until(/\r\n/), /^\+OK/)
      pop.send('DELE 1\r\n')
      assert.match(await pop.until(/\r\n/), /^-ERR \[SYS\/PERM\] This password may not delete anything/)
    },
  ),
)

test('a password is good from its own networks alone, and elsewhere as wrong as any', limit, () =>
  withServe(
    ({ simulator }) => ({
      accounts: [
        {
          email: demoUser,
          auth: { refreshToken: simulator.refreshToken },
          passwords: [
            { name: 'home', password: 'home-password', from: ['127.0.0.0/8', '::1'] },
            { name: 'office', password: 'office-password', from: ['192.0.2.0/24', '2001:db8::/32'] },
          ],
        },
      ],
    }),
    async ({ bridge, ready }) => {
      const home = await imap(ready, demoUser, 'home-password')
      home.client[Symbol.dispose]()
      assert.match(home.answer, /^l OK/m)
      const answers: string[] = []
      for (const password of ['office-password', 'no-such-password']) {
        const { client, answer } = await imap(ready, demoUser, password)
        client[Symbol.dispose]()
        answers.push(answer)
      }
      assert.match(answers[0] ?? '', /^l NO \[AUTHENTICATIONFAILED\]/m)
      assert.equal(answers[0], answers[1])
      await bridge.logged('"reason":"source"')
      assert.equal(bridge.log().match(/"reason":"source"/g)?.length, 1)
      assert.doesNotMatch(bridge.log(), /office-password/)
    },
  ),
)
