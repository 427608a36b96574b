import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Conversation } from './conversation.ts'
import { play } from './play.ts'
import { scriptedServer } from './testing/scripted-server.ts'
import { readTranscript } from './transcript.ts'

const header = 'rfc: 9051\ndovecot: no\n\n'

/** Plays these lines, which begin on line 4; gives the message of what went wrong, and what the server heard. */
async function played(
  lines: string,
  answers: Readonly<Record<string, string>> = {},
  { head = header, google }: { head?: string; google?: () => Promise<void> } = {},
): Promise<{ message: string | undefined; heard: string[] }> {
  await using server = await scriptedServer(answers, google)
  const transcript = readTranscript('t', 't.txt', head + lines, () => true)
  try {
    await play(transcript, server.scene, new Conversation())
    return { message: undefined, heard: server.heard }
  } catch (error) {
    return { message: (error as Error).message, heard: server.heard }
  }
}

test('what is answered as written passes', async () => {
  const answers = { 'a X': '* 3 EXISTS\r\na OK [READ-WRITE] Opened\r\n' }
  const { message, heard } = await played('C: a X\nS: * 3 EXISTS\nS: a OK [READ-WRITE]', answers)
  assert.equal(message, undefined)
  assert.deepEqual(heard, ['a X\r\n'])
})

test('a wrong answer fails, and the failure names file and line and shows both', async () => {
  const { message } = await played('C: a X\nS: * 3 EXISTS\nS: a OK', {
    'a X': '* 2 EXISTS\r\na OK\r\n',
  })
  assert.match(
    message ?? '',
    /^t\.txt:5: the answer differs\n {2}expected {2}\* 3 EXISTS\n {2}got {7}\* 2 EXISTS\n/,
  )
  assert.match(message ?? '', /conversation:\n[\s\S]*\nC: a X\nS: \* 2 EXISTS$/)
})

test('NO is not OK, and another code is another answer', async () => {
  assert.match((await played('C: a X\nS: a OK', { 'a X': 'a NO\r\n' })).message ?? '', /:5:/)
  const other = { 'a X': 'a NO [CANNOT] no\r\n' }
  assert.match((await played('C: a X\nS: a NO [NOPERM]', other)).message ?? '', /:5:/)
  assert.equal((await played('C: a X\nS: a NO', other)).message, undefined)
})

test('an answer that is not written fails: before, between and after', async () => {
  const extra = { 'a X': '* 1 EXPUNGE\r\na OK\r\n' }
  assert.match((await played('C: a X\nS: a OK', extra)).message ?? '', /:5: the answer differs[\s\S]*EXPUNGE/)
  const late = { 'a X': 'a OK\r\n* 1 EXPUNGE\r\n' }
  assert.match((await played('C: a X\nS: a OK', late)).message ?? '', /:5: after it came[\s\S]*EXPUNGE/)
  assert.match(
    (await played('C: a X\nS: a OK\nC: b Y\nS: b OK', late)).message ?? '',
    /:6: before it came|:7: the answer differs/,
  )
  assert.match(
    (await played('C: a X\nS: a OK', { end: '* 1 EXPUNGE\r\n' })).message ?? '',
    /:5: after it came[\s\S]*EXPUNGE/,
  )
})

test('an answer that does not come fails', async () => {
  const { message } = await played('C: a X\nS: * 3 EXISTS\nS: a OK', { 'a X': 'close' })
  assert.match(message ?? '', /:5: the answer differs[\s\S]*the end of the connection/)
})

test('`S: ...` passes over untagged lines, never over the end of a command', async () => {
  const lines = 'C: a X\nS: ...\nS: * 3 EXISTS\nS: a OK'
  const good = { 'a X': '* 1 RECENT\r\n* 2 FETCH (UID 1)\r\n* 3 EXISTS\r\na OK\r\n' }
  assert.equal((await played(lines, good)).message, undefined)
  assert.match(
    (await played(lines, { 'a X': '* 1 RECENT\r\na OK\r\n* 3 EXISTS\r\n' })).message ?? '',
    /:6: the answer differs[\s\S]*got {7}a OK/,
  )
})

test('`S~:` takes its lines in any order, each once, and others only with `...`', async () => {
  const lines = 'C: a X\nS~: * LIST () "/" "A"\nS~: * LIST () "/" "B"\nS: a OK'
  const reversed = { 'a X': '* LIST () "/" "B"\r\n* LIST () "/" "A"\r\na OK\r\n' }
  assert.equal((await played(lines, reversed)).message, undefined)
  const twice = { 'a X': '* LIST () "/" "A"\r\n* LIST () "/" "A"\r\na OK\r\n' }
  assert.match((await played(lines, twice)).message ?? '', /none of those that are left[\s\S]*"\/" "B"/)
  const more = {
    'a X': '* LIST () "/" "C"\r\n* LIST () "/" "A"\r\n* LIST () "/" "B"\r\n* LIST () "/" "D"\r\na OK\r\n',
  }
  assert.match((await played(lines, more)).message ?? '', /none of those/)
  const open = 'C: a X\nS~: * LIST () "/" "A"\nS~: * LIST () "/" "B"\nS~: ...\nS: a OK'
  assert.equal((await played(open, more)).message, undefined)
  assert.match((await played(open, twice)).message ?? '', /none of those/)
})

test('`S?:` may come or not', async () => {
  const lines = 'C: a X\nS?: * ENABLED\nS: a OK'
  assert.equal((await played(lines, { 'a X': '* ENABLED\r\na OK\r\n' })).message, undefined)
  assert.equal((await played(lines, { 'a X': 'a OK\r\n' })).message, undefined)
  assert.match((await played(lines, { 'a X': '* NO\r\na OK\r\n' })).message ?? '', /:6: the answer differs/)
})

test('a name binds once, must be the same afterwards, and is sent', async () => {
  const lines = 'C: a X\nS: a OK [UIDVALIDITY $v]\nC: b $v\nS: b OK $v'
  const same = { 'a X': 'a OK [UIDVALIDITY 7] ok\r\n', 'b 7': 'b OK 7\r\n' }
  const { message, heard } = await played(lines, same)
  assert.equal(message, undefined)
  assert.deepEqual(heard, ['a X\r\n', 'b 7\r\n'])
  assert.match((await played(lines, { ...same, 'b 7': 'b OK 8\r\n' })).message ?? '', /:7:/)
})

test('a literal is compared octet by octet and goes on after it', async () => {
  const lines = 'C: a X\nS: * 1 FETCH (BODY[] {}\n| Héllo\n|\n|\\ end\nS: )\nS: a OK'
  const octets = 'H\xc3\xa9llo\r\n\r\nend'
  const good = { 'a X': `* 1 FETCH (BODY[] {${octets.length}}\r\n${octets})\r\na OK\r\n` }
  assert.equal((await played(lines, good)).message, undefined)
  const short = { 'a X': `* 1 FETCH (BODY[] {${octets.length - 1}}\r\n${octets.slice(0, -1)})\r\na OK\r\n` }
  assert.match((await played(lines, short)).message ?? '', /:5: the answer differs/)
})

test('lines that follow one another go out in one packet', async () => {
  const { heard } = await played('C: a X\nC: b Y\nS: a OK\nS: b OK')
  assert.deepEqual(heard, ['a X\r\nb Y\r\n'])
})

test('octets, repetitions and base64 are sent as meant', async () => {
  const { heard, message } = await played(String.raw`C: a \x00é $repeat(x,3) $base64(\x00$user\x00$password)
S: a OK`)
  assert.equal(message, undefined)
  assert.deepEqual(heard, ['a \x00\xc3\xa9 xxx AGFkYQBzZWNyZXQ=\r\n'])
})

test('several clients have connections of their own, each logged in', async () => {
  const answers = { 'a X': 'a OK\r\n', 'b Y': '* 9 EXISTS\r\nb OK\r\n' }
  assert.equal(
    (await played('1C: a X\n2C: b Y\n2S: * 9 EXISTS\n1S: a OK\n2S: b OK', answers)).message,
    undefined,
  )
  assert.match(
    (await played('1C: a X\n2C: b Y\n1S: * 9 EXISTS', answers)).message ?? '',
    /:6:[\s\S]*1S: a OK/,
  )
})

test('without login the greeting must be written', async () => {
  const head = 'rfc: 9051\ndovecot: no\nlogin: no\n\n'
  assert.equal((await played('S: * OK\nC: a X\nS: a OK', {}, { head })).message, undefined)
  assert.match((await played('C: a X\nS: a OK', {}, { head })).message ?? '', /:5:|:6:/)
})

test('who leaves is written: the server by closing, the client by leaving', async () => {
  assert.equal((await played('C: a X\nS: [leaves]', { 'a X': 'close' })).message, undefined)
  assert.equal((await played('C: a X\nS: a OK\nC: [leaves]')).message, undefined)
  assert.match(
    (await played('C: a X\nS: [leaves]', { 'a X': 'a OK\r\n' })).message ?? '',
    /:5: expected the end of the connection/,
  )
})

const denies = () => Promise.reject(new Error('  but it is labelled INBOX'))

test('what Google denies fails with its line', async () => {
  assert.match(
    (await played('G: message 1 is labelled X', {}, { google: denies })).message ?? '',
    /^t\.txt:4: G: message 1 is labelled X\n {2}but it is labelled INBOX/,
  )
})
