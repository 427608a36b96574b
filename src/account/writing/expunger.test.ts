import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { contents } from '../testing/truth.ts'
import { openDesk } from './testing/desk.ts'

const limit = { timeout: 180_000 }
const modifyScope = 'https://www.googleapis.com/auth/gmail.modify'

// Each waits most of its time for its own simulator.
describe('EXPUNGE', { concurrency: 4 }, () => {
  test(
    'EXPUNGE in a label mailbox takes that label off, whatever the account wants of the last one',
    limit,
    async (t) => {
      const desk = await openDesk(t, [['INBOX', 'Work']], { expunge: 'deleteForever' })
      await desk.expunge('Work')
      assert.equal(await desk.labels(desk.ids[0] ?? ''), 'INBOX')
      await desk.echo()
    },
  )

  test('trap 2: from the last mailbox the account’s own setting decides: archive', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX', 'IMPORTANT'], ['INBOX']])
    await desk.expunge('INBOX')
    assert.equal(await desk.labels(desk.ids[0] ?? ''), 'IMPORTANT')
    const spent = await desk.control.spent()
    assert.deepEqual([spent.calls('settings.getImap'), spent.units], [1, 11])
    assert.equal((await contents(desk.house, '[Gmail]/All Mail')).size, 2)
    await desk.echo()
  })

  test('trap 2: the account’s own setting: trash, and it is read once', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX'], ['INBOX', 'STARRED'], ['INBOX', 'IMPORTANT'], ['INBOX']])
    await imapSetting(desk.ground.gmailUrl, desk.control, 'trash')
    await desk.expunge('INBOX', desk.ids.slice(0, 3))
    await desk.expunge('INBOX')
    assert.deepEqual(await Promise.all(desk.ids.map((id) => desk.labels(id))), [
      'TRASH',
      'STARRED',
      'IMPORTANT TRASH',
      'TRASH',
    ])
    assert.equal((await desk.control.spent()).calls('settings.getImap'), 1)
    await desk.echo()
  })

  test('the operator’s override is asked before the account’s setting', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX'], ['Work']], { expunge: 'deleteForever' })
    await desk.expunge('INBOX')
    assert.equal(await desk.labels(desk.ids[0] ?? ''), 'gone')
    assert.equal((await desk.control.spent()).calls('settings.getImap'), 0)
    await desk.echo()
  })

  test(
    '«delete for ever» without Google’s permission goes to Trash from a label mailbox',
    limit,
    async (t) => {
      const desk = await openDesk(t, [['INBOX']], { expunge: 'deleteForever', scopes: [modifyScope] })
      await desk.expunge('INBOX')
      assert.equal(await desk.labels(desk.ids[0] ?? ''), 'TRASH')
      await desk.echo()
    },
  )

  for (const [label, name] of [
    ['TRASH', '[Gmail]/Trash'],
    ['SPAM', '[Gmail]/Spam'],
  ] as const)
    test(`EXPUNGE in ${name} deletes for ever where Google permits it, else says no`, limit, async (t) => {
      const desk = await openDesk(t, [[label], [label, 'Work'], ['INBOX']])
      await desk.expunge(name)
      assert.equal(await desk.labels(desk.ids[1] ?? ''), 'gone')
      assert.equal((await contents(desk.house, name)).size, 0)
      await desk.echo()

      const limited = await openDesk(t, [[label]], { scopes: [modifyScope] })
      await assert.rejects(limited.expunge(name), { code: 'not-permitted' })
      await limited.echo()
    })

  for (const [name, label] of [
    ['[Gmail]/All Mail', 'Work'],
    ['[Gmail]/Sent Mail', 'SENT'],
  ] as const)
    test(`EXPUNGE in ${name} moves to Trash`, limit, async (t) => {
      const desk = await openDesk(t, [['INBOX', label]])
      await desk.expunge(name)
      assert.equal(await desk.labels(desk.ids[0] ?? ''), label === 'SENT' ? 'SENT TRASH' : 'TRASH')
      assert.equal((await contents(desk.house, 'INBOX')).size, 0)
      await desk.echo()
    })

  test('EXPUNGE in Drafts deletes the drafts, found by one list', limit, async (t) => {
    const desk = await openDesk(t, [['DRAFT'], ['DRAFT'], ['DRAFT']], { scopes: [modifyScope] })
    await desk.expunge('[Gmail]/Drafts', desk.ids.slice(0, 2))
    assert.deepEqual(await Promise.all(desk.ids.map((id) => desk.labels(id))), ['gone', 'gone', 'DRAFT'])
    await desk.expunge('[Gmail]/Drafts')
    const spent = await desk.control.spent()
    assert.deepEqual([spent.calls('drafts.list'), spent.calls('drafts.delete'), spent.units], [1, 3, 35])
    assert.equal((await contents(desk.house, '[Gmail]/All Mail')).size, 0)
    await desk.echo()
  })

  test('EXPUNGE in Starred and Important takes the flag', limit, async (t) => {
    const desk = await openDesk(t, [['STARRED', 'IMPORTANT']], { expunge: 'trash' })
    await desk.expunge('[Gmail]/Starred')
    assert.equal(await desk.labels(desk.ids[0] ?? ''), 'IMPORTANT')
    await desk.expunge('[Gmail]/Important')
    assert.equal(await desk.labels(desk.ids[0] ?? ''), '')
    await desk.echo()
  })
})

/** As the person would on the web. */
async function imapSetting(
  gmailUrl: string,
  control: { do<T>(verb: string, args: object): Promise<T> },
  expungeBehavior: string,
): Promise<void> {
  const { token } = await control.do<{ token: string }>('grant', {
    scopes: ['https://www.googleapis.com/auth/gmail.settings.basic'],
  })
  const answer = await fetch(`${gmailUrl}/gmail/v1/users/me/settings/imap`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ enabled: true, autoExpunge: false, expungeBehavior }),
  })
  assert.equal(answer.status, 200)
}
