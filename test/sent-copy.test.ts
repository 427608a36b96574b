import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import { control, startPostern } from './postern.ts'
import type { Running } from './postern.ts'

const sentMail = '[Gmail]/Sent Mail'
const limit = { timeout: 180_000 }

interface State {
  accounts: { messages: { id: string; labelIds: string[] }[] }[]
}

/** Mail programs that save what they send: the message is at Gmail by both ways, and one of it is to be there. */
describe("a mail program's own copy in Sent", () => {
  let running: Running
  let imap: ImapFlow

  before(async () => {
    running = await startPostern(['demo', '--quota', '0'], { POSTERN_POLL_SECONDS: '1' })
    const { imap: door, account } = running.ready
    imap = new ImapFlow({
      ...door,
      secure: false,
      tls: { rejectUnauthorized: false },
      auth: { user: account.user, pass: account.password },
      logger: false,
    })
    await imap.connect()
  })

  after(async () => {
    await imap.logout()
    await running.stop()
  })

  function letter(subject: string): string {
    const { account, simulator } = running.ready
    return [
      `From: ${account.user}`,
      `To: ${simulator.peer.user}`,
      `Subject: ${subject}`,
      'Date: Tue, 24 Nov 2026 10:00:00 +0000',
      `Message-ID: <${subject}@mail-program.test>`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      '',
      `This is ${subject}.`,
      '',
    ].join('\r\n')
  }

  /** Gmail's id of what was sent, as the answer 250 names it. */
  async function send(raw: string): Promise<string> {
    const { smtp, account, simulator } = running.ready
    assert.ok(smtp)
    const transport = createTransport({
      ...smtp,
      requireTLS: true,
      tls: { rejectUnauthorized: false },
      auth: { user: account.user, pass: account.password },
    })
    try {
      const info = await transport.sendMail({
        envelope: { from: account.user, to: simulator.peer.user },
        raw,
      })
      const id = /\b[0-9a-f]{16}\b/.exec(info.response)?.[0]
      assert.ok(id, info.response)
      return id
    } finally {
      transport.close()
    }
  }

  /** The UID that APPENDUID names. */
  async function append(raw: string): Promise<number> {
    const appended = await imap.append(sentMail, raw, ['\\Seen'])
    assert.ok(appended && appended.uid !== undefined)
    const status = await imap.status(sentMail, { uidValidity: true })
    assert.ok(status)
    assert.equal(appended.uidValidity, status.uidValidity)
    return appended.uid
  }

  async function sentAtGmail(): Promise<string[]> {
    const { account } = running.ready
    const { accounts } = (await control(running.ready, 'state', {
      account: account.user,
    })) as unknown as State
    return (accounts[0]?.messages ?? [])
      .filter(({ labelIds }) => labelIds.includes('SENT') && !labelIds.includes('TRASH'))
      .map(({ id }) => id)
  }

  async function sentSince(earlier: readonly string[]): Promise<string[]> {
    return (await sentAtGmail()).filter((id) => !earlier.includes(id))
  }

  /** UIDs and Gmail's ids of the messages in Sent with this Subject. */
  async function sentOverImap(subject: string): Promise<[uid: number, id: string | undefined][]> {
    const lock = await imap.getMailboxLock(sentMail)
    try {
      // A search is about what the session has been told of.
      await imap.noop()
      const uids = (await imap.search({ subject }, { uid: true })) || []
      if (uids.length === 0) return []
      const found = await imap.fetchAll(uids, { uid: true }, { uid: true })
      return found.map(({ uid, emailId }) => [uid, emailId])
    } finally {
      lock.release()
    }
  }

  test('saved after it was sent: it is the copy that Gmail made, under its UID', limit, async () => {
    const earlier = await sentAtGmail()
    const raw = letter('saved-after')
    await control(running.ready, 'reset')
    const id = await send(raw)
    const uid = await append(raw)
    assert.deepEqual(await sentSince(earlier), [id])
    assert.deepEqual(await sentOverImap('saved-after'), [[uid, id]])
    const { methods } = (await control(running.ready, 'ledger')) as { methods: Record<string, unknown> }
    const writing = Object.keys(methods).filter((name) => /^messages\.(?!get|list)/.test(name))
    assert.deepEqual(writing, ['messages.send'], 'nothing is put in, nothing is taken away')
  })

  test('saved while it is being sent: it waits for Gmail, and is its copy', limit, async () => {
    const earlier = await sentAtGmail()
    const raw = letter('saved-while')
    await control(running.ready, 'fault', { method: 'messages.send', delayMs: 2000 })
    const sending = send(raw)
    // Each look adds a fault that nobody meets; one is missing as soon as Gmail has the call.
    for (let looks = 1; ; looks++) {
      const { faults } = await control(running.ready, 'fault', { method: 'nobody.calls' })
      if (faults === looks) break
      await imap.noop()
    }
    await control(running.ready, 'clearFaults')
    const uid = await append(raw)
    const id = await sending
    assert.deepEqual(await sentSince(earlier), [id])
    assert.deepEqual(await sentOverImap('saved-while'), [[uid, id]])
  })

  test(
    'saved before it is sent: Gmail’s copy takes its place; one that is never sent stays',
    limit,
    async () => {
      const earlier = await sentAtGmail()
      const unsentUid = await append(letter('never-sent'))
      const [unsent, ...others] = await sentSince(earlier)
      assert.deepEqual(others, [])
      const raw = letter('saved-before')
      const uid = await append(raw)
      assert.equal((await sentSince(earlier)).length, 2)
      const id = await send(raw)
      // The answer did not wait for it.
      while ((await sentSince(earlier)).length > 2);
      assert.deepEqual(new Set(await sentSince(earlier)), new Set([unsent, id]))
      // Gmail has done it; Postern has yet to hear so.
      let found = await sentOverImap('saved-before')
      while (found.length > 1) found = await sentOverImap('saved-before')
      assert.deepEqual(
        found.map(([, one]) => one),
        [id],
      )
      assert.ok((found[0]?.[0] ?? 0) > uid, 'the place of the copy is not used again')
      assert.deepEqual(await sentOverImap('never-sent'), [[unsentUid, unsent]])
    },
  )
})
