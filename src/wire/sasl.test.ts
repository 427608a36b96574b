import assert from 'node:assert/strict'
import { test } from 'node:test'
import { saslExchange } from './sasl-exchange.ts'
import type { Credentials } from './sasl.ts'

/** Plays a client that answers each challenge with the next of these lines. */
async function play(
  mechanism: string,
  initialResponse: string | undefined,
  lines: readonly string[],
  right = true,
) {
  const challenges: string[] = []
  const answers = [...lines]
  let credentials: Credentials | undefined
  const outcome = await saslExchange({
    mechanism,
    initialResponse,
    async ask(challenge) {
      challenges.push(Buffer.from(challenge, 'base64').toString())
      return answers.shift()
    },
    async verify(given) {
      credentials = given
      return right
    },
    refused: (verdict) => !verdict,
  })
  return { outcome, challenges, credentials }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const ada = { kind: 'password', user: 'ada', password: 'pä ss' } as const

test('PLAIN with and without initial response, and with the user as identity', async () => {
  const plain = base64('\0ada\0pä ss')
  assert.deepEqual((await play('plain', plain, [])).credentials, ada)
  const asked = await play('PLAIN', undefined, [plain])
  assert.deepEqual([asked.credentials, asked.challenges], [ada, ['']])
  assert.deepEqual((await play('PLAIN', base64('Ada\0ada\0pä ss'), [])).credentials, ada)
})

test('PLAIN refuses to act for somebody else, NUL in the wrong places, and what is not UTF-8', async () => {
  for (const text of [
    base64('ben\0ada\0x'),
    base64('ada\0x'),
    base64('\0ada\0x\0y'),
    base64('\0\0x'),
    '/w==',
    '=',
    'a b',
    'YQ=a',
  ])
    assert.equal((await play('PLAIN', text, [])).outcome.kind, 'malformed', text)
})

test('LOGIN asks twice, and takes the user as initial response', async () => {
  const asked = await play('LOGIN', undefined, [base64('ada'), base64('pä ss')])
  assert.deepEqual([asked.credentials, asked.challenges], [ada, ['Username:', 'Password:']])
  const told = await play('LOGIN', base64('ada'), [base64('pä ss')])
  assert.deepEqual([told.credentials, told.challenges], [ada, ['Password:']])
})

test('XOAUTH2 and OAUTHBEARER read user and token', async () => {
  const bearer = { kind: 'bearer', user: 'ada@x.test', token: 'ya29.a-b_c' } as const
  const xoauth2 = base64('user=ada@x.test\x01auth=Bearer ya29.a-b_c\x01\x01')
  assert.deepEqual((await play('XOAUTH2', xoauth2, [])).credentials, bearer)
  const oauth = base64('n,a=ada@x.test,\x01host=h\x01port=1\x01auth=Bearer ya29.a-b_c\x01\x01')
  assert.deepEqual((await play('OAUTHBEARER', oauth, [])).credentials, bearer)
  assert.deepEqual((await play('OAUTHBEARER', undefined, [oauth])).credentials, bearer)
  assert.equal(
    (await play('OAUTHBEARER', base64('n,,\x01auth=Bearer x\x01\x01'), [])).outcome.kind,
    'malformed',
  )
  assert.equal(
    (await play('XOAUTH2', base64('user=a\x01auth=Bearer x y\x01\x01'), [])).outcome.kind,
    'malformed',
  )
})

test('a wrong token gets one more challenge that says why, then the verdict', async () => {
  const xoauth2 = base64('user=ada@x.test\x01auth=Bearer wrong\x01\x01')
  const { outcome, challenges } = await play('XOAUTH2', xoauth2, [''], false)
  assert.deepEqual(outcome, { kind: 'verdict', verdict: false })
  assert.equal((JSON.parse(challenges[0] ?? '') as { status: string }).status, '400')
})

test('a star cancels, a client that is gone ends it, an unknown mechanism is told apart', async () => {
  assert.equal((await play('PLAIN', undefined, ['*'])).outcome.kind, 'cancelled')
  assert.equal((await play('LOGIN', undefined, [base64('ada')])).outcome.kind, 'end')
  assert.equal((await play('CRAM-MD5', undefined, [])).outcome.kind, 'unknown-mechanism')
})
