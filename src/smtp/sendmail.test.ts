import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { MailError } from '#mail/errors.ts'
import { systemClock } from '#mail/surroundings.ts'
import {
  parseSendmailArguments,
  prepareLetter,
  readLetter,
  sendLetter,
  sendmailFailure,
  SendmailUsage,
} from './sendmail.ts'
import { MemoryOutbox } from './testing/memory-outbox.ts'

const account = 'ada@gmail.test'
const never = new AbortController().signal

/** What a program hands over, as it would reach Gmail. */
async function run(
  argv: readonly string[],
  input: string,
): Promise<{ exitCode: number; text: string; sent: string; recipients: readonly string[] }> {
  const outbox = new MemoryOutbox(account)
  try {
    const call = parseSendmailArguments(argv)
    const bytes = await readLetter(Readable.from([input.slice(0, 5), Buffer.from(input.slice(5))]), call)
    const { exitCode, text } = await sendLetter(
      prepareLetter(bytes, call, account),
      { outbox, clock: systemClock },
      never,
    )
    return {
      exitCode,
      text,
      sent: outbox.sent[0]?.bytes.toString('latin1') ?? '',
      recipients: outbox.sent[0]?.recipients ?? [],
    }
  } catch (error) {
    return { ...sendmailFailure(error), sent: '', recipients: [] }
  }
}

for (const [argv, expected] of [
  [['-t', '-i'], { fromHeader: true, dotEnds: false }],
  [['-ti'], { fromHeader: true, dotEnds: false }],
  [['-oi', '-odb', '-oem', '-t'], { fromHeader: true, dotEnds: false }],
  [['-f', 'x@y.test', 'a@b.test, c@d.test'], { from: 'x@y.test', recipients: ['a@b.test', 'c@d.test'] }],
  [
    ['-fx@y.test', '-F', 'Cron Daemon', '-bm', '--', '-odd@b.test'],
    { from: 'x@y.test', fullName: 'Cron Daemon', recipients: ['-odd@b.test'] },
  ],
  [
    ['-r', '<x@y.test>', '-N', 'never', '-R', 'hdrs', '-V', 'id', '-B8BITMIME', '-v', 'a@b.test'],
    { from: 'x@y.test', recipients: ['a@b.test'] },
  ],
  [
    ['-FCronDaemon', '-i', '-odi', '-oem', '-oi', '-t', '-f', 'root'],
    { fullName: 'CronDaemon', from: 'root', fromHeader: true },
  ],
] as const)
  test(`sendmail ${argv.join(' ')}`, () => {
    const call = parseSendmailArguments(argv)
    assert.deepEqual({ ...call, ...expected }, call)
  })

for (const argv of [['-bp'], ['-bs'], ['-bi'], ['-Z'], ['-f']])
  test(`sendmail ${argv.join(' ')} is a usage error`, () => {
    assert.throws(() => parseSendmailArguments(argv), SendmailUsage)
  })

test('what cron writes is sent to the account itself, as from it', async () => {
  const { exitCode, sent, recipients } = await run(
    ['-FCronDaemon', '-i', '-odi', '-oem', '-oi', '-t', '-f', 'root'],
    'From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@box> backup\nX-Cron-Env: <HOME=/root>\n\ndone\n.\nall\n',
  )
  assert.equal(exitCode, 0)
  assert.deepEqual(recipients, [account])
  assert.match(
    sent,
    /^Date: [^\r]+\r\nMessage-ID: <[^\r]+>\r\nFrom: "Cron Daemon" <ada@gmail\.test>\r\nTo: ada@gmail\.test\r\n/,
  )
  assert.ok(sent.endsWith('X-Cron-Env: <HOME=/root>\r\n\r\ndone\r\n.\r\nall\r\n'))
})

test('without -i a dot alone ends the message; Bcc stays for Gmail to take away', async () => {
  const { sent, recipients } = await run(['-t'], 'To: bob@x.test\nBcc: eve@x.test\n\none\n.\ntwo\n')
  assert.deepEqual(recipients, ['bob@x.test', 'eve@x.test'])
  assert.ok(sent.endsWith('To: bob@x.test\r\nBcc: eve@x.test\r\n\r\none\r\n'))
})

test('recipients of the command line alone become Bcc, and a plain text gets a header', async () => {
  const { sent, recipients } = await run(['-i', '-F', 'The "Box"', 'bob@x.test'], 'The disk is full\n')
  assert.deepEqual(recipients, ['bob@x.test'])
  assert.match(
    sent,
    /^Bcc: bob@x\.test\r\n.*\r\nFrom: "The \\"Box\\"" <ada@gmail\.test>\r\n\r\nThe disk is full\r\n$/s,
  )
})

test('nobody gets mail whom the program did not name', async () => {
  const told = await run(['bob@x.test'], 'To: bob@x.test, eve@x.test\n\nHi\n')
  assert.equal(told.exitCode, 65)
  assert.match(told.text, /use -t/)
  assert.equal((await run(['-t'], 'Subject: x\n\nHi\n')).exitCode, 65)
})

test('somebody else in From is told, with exit code 65', async () => {
  const { exitCode, text } = await run(['-t'], 'From: eve@evil.test\nTo: bob@x.test\n\nHi\n')
  assert.equal(exitCode, 65)
  assert.match(text, /Allowed: ada@gmail\.test/)
})

test('what may pass makes a program try again, what will not does not', () => {
  for (const [code, exitCode] of [
    ['unavailable', 75],
    ['throttled', 75],
    ['over-quota', 75],
    ['storage', 75],
    ['grant-ended', 77],
    ['cannot', 69],
    ['too-big', 65],
  ] as const)
    assert.equal(sendmailFailure(new MailError(code, 'x')).exitCode, exitCode, code)
  assert.equal(sendmailFailure(new TypeError('bug')).exitCode, 75)
  assert.equal(sendmailFailure(new SendmailUsage('x')).exitCode, 64)
})
