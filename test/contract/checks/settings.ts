import assert from 'node:assert/strict'
import { fact } from '../check.ts'

interface ImapSettings {
  enabled?: boolean
  autoExpunge?: boolean
  expungeBehavior?: string
  maxFolderSize?: number
}

interface PopSettings {
  accessWindow?: string
  disposition?: string
}

interface SendAs {
  sendAsEmail: string
  isPrimary?: boolean
}

/** What the account's own settings say. Nothing is changed. */
export const settings = [
  fact('F§2.12', 'getImap tells what EXPUNGE means', async (contract) => {
    const imap = await contract.api.get<ImapSettings>('settings/imap')
    // What is false or zero may be absent.
    assert.match(imap.expungeBehavior ?? '', /^(?:archive|trash|deleteForever)$/)
    assert.match(typeof (imap.autoExpunge ?? false), /^boolean$/)
    assert.match(typeof (imap.enabled ?? false), /^boolean$/)
    assert.ok([0, 1000, 2000, 5000, 10_000].includes(imap.maxFolderSize ?? 0))
  }),

  fact('F§2.12', 'getPop tells what is offered and what becomes of it', async (contract) => {
    const pop = await contract.api.get<PopSettings>('settings/pop')
    assert.match(pop.accessWindow ?? '', /^(?:disabled|fromNowOn|allMail)$/)
    assert.match(pop.disposition ?? '', /^(?:leaveInInbox|archive|trash|markRead)$/)
  }),

  fact('F§2.12', 'sendAs.list has the primary address', async (contract) => {
    const { sendAs } = await contract.api.get<{ sendAs: SendAs[] }>('settings/sendAs')
    const { emailAddress } = await contract.profile()
    const primary = sendAs.filter(({ isPrimary }) => isPrimary === true)
    assert.deepEqual(
      primary.map(({ sendAsEmail }) => sendAsEmail.toLowerCase()),
      [emailAddress.toLowerCase()],
    )
  }),

  fact('F§2.12', 'sendAs.get has one address by its name', async (contract) => {
    const { emailAddress } = await contract.profile()
    const path = `settings/sendAs/${encodeURIComponent(emailAddress)}`
    const one = await contract.api.get<SendAs>(path)
    assert.equal(one.sendAsEmail.toLowerCase(), emailAddress.toLowerCase())
  }),
]
