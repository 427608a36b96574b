import assert from 'node:assert/strict'
import { test } from 'node:test'
import { without } from '#test/program.ts'
import { bySubject, letter, openDesk } from './desk.ts'

const limits = { skip: without('curl'), timeout: 180_000 }

test(
  'curl lists, reads, searches, saves and sends commands over IMAP, and fetches over POP3',
  limits,
  async () => {
    await using desk = await openDesk([
      ['INBOX', letter('one')],
      ['INBOX', letter('two')],
      ['Grüße & more', letter('three')],
    ])
    const { imaps, imap, pop3s, account } = desk.ready
    const curl = (...args: string[]) =>
      desk.done('curl', [
        '--silent',
        '--show-error',
        '--cacert',
        '.config/postern/authority.pem',
        '--user',
        `${account.user}:${account.password}`,
        ...args,
      ])
    const at = `imaps://${imaps.host}:${imaps.port}`
    // What the guide says, by the newest message.
    const line = desk.snippet('script', 'Read the newest message with curl')
    assert.equal(await desk.done('sh', ['-c', line.replace('curl', 'curl --silent')]), letter('two'))

    assert.match(await curl(`${at}/`), /^\* LIST \(\\HasNoChildren\) "\/" "?INBOX"?\r$/m)
    assert.equal(await curl(`${at}/INBOX;UID=1`), letter('one'))
    assert.equal(await curl(`${at}/INBOX;UID=1;SECTION=TEXT`), 'This is one.\r\n')
    // Modified UTF-7, percent-encoded: & is written twice over.
    assert.equal(await curl(`${at}/Gr%26APwA3w-e%20%26-%20more;MAILINDEX=1`), letter('three'))
    assert.equal(await curl(`${at}/INBOX?SUBJECT%20two`), '* SEARCH 2\r\n')
    assert.equal(await curl(`${at}/INBOX?NOT%20SEEN`), '* SEARCH\r\n', 'BODY[] without PEEK has read them')
    assert.match(
      await curl('-X', 'STORE 1 +FLAGS (\\Flagged)', `${at}/INBOX`),
      /\* 1 FETCH \(FLAGS \(\\Flagged \\Seen\)\)/,
    )
    assert.match(await curl('-X', 'EXAMINE INBOX', `${at}/`), /^\* 2 EXISTS\r$/m)
    await desk.file('letter.eml', letter('put in'))
    await curl('--upload-file', 'letter.eml', `${at}/INBOX`)
    assert.match(await curl('-X', 'STATUS INBOX (MESSAGES UIDNEXT)', `${at}/`), /\(MESSAGES 3 UIDNEXT 4\)/)
    // STARTTLS, and a token in place of the password.
    const clear = `imap://${imap.host}:${imap.port}/INBOX;UID=3`
    assert.equal(await curl('--ssl-reqd', clear), letter('put in'))
    const labels = bySubject(await desk.atGmail(), 'one').labels
    assert.deepEqual(labels, ['INBOX', 'STARRED'])

    const pop = `pop3s://${pop3s?.host}:${pop3s?.port}`
    assert.match(await curl(`${pop}/`), /^1 \d+\r\n2 \d+\r\n/)
    assert.match(await curl('-X', 'UIDL', `${pop}/`), /^1 GmailId[0-9a-f]{16}\r$/m)
    assert.equal(await curl(`${pop}/1`), letter('one'))
  },
)
