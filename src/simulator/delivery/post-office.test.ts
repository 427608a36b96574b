import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closeAfterEach, letter, raw, startHouse, type House } from '../testing/house.ts'

closeAfterEach()

interface Sent {
  id: string
  threadId: string
  labelIds: string[]
}

function send(house: House, text: string, token = house.sim.token): Promise<Sent> {
  return house.get<Sent>('messages/send', { token, json: { raw: Buffer.from(text).toString('base64url') } })
}

async function newest(house: House, token: string): Promise<{ raw: string; labelIds: string[]; id: string }> {
  const { messages } = await house.get<{ messages: { id: string }[] }>('messages?maxResults=1', { token })
  const id = messages[0]?.id ?? ''
  const { labelIds } = await house.get<{ labelIds: string[] }>(`messages/${id}?format=minimal`, { token })
  return { id, labelIds, raw: await house.rawOf(id, token) }
}

describe('sending', () => {
  it('reaches the peer without Bcc; the sender’s copy keeps it; Message-ID is Google’s', async () => {
    const house = await startHouse()
    const { peer, account } = house.sim
    const { id, labelIds } = await send(
      house,
      letter({
        From: account,
        To: 'Ada <ada@example.org>',
        Bcc: peer.user,
        'Message-ID': '<mine@example.org>',
        Subject: 'Hi',
      }),
    )
    assert.deepEqual(labelIds, ['SENT'])
    const copy = await house.rawOf(id)
    assert.match(copy, /^Bcc: peer@gmail\.test\r$/m)
    assert.match(copy, /^Message-ID: <CA[\w-]+@mail\.gmail\.com>\r$/m)
    assert.match(copy, /^Date: \w{3}, \d\d \w{3} \d{4} /m)
    assert.ok(!copy.includes('mine@example.org'))
    assert.ok(!/[^\r]\n/.test(copy))
    const got = await newest(house, peer.token)
    assert.deepEqual(got.labelIds, ['UNREAD', 'INBOX'])
    assert.match(
      got.raw,
      /^Delivered-To: peer@gmail\.test\r\nReceived: [^]*Return-Path: <demo@gmail\.test>\r\n/,
    )
    assert.ok(!got.raw.includes('Bcc'))
    assert.match(got.raw, /\r\n\r\nHello\.\r\n$/)
    const { mails } = await house.control<{ mails: { recipients: string[]; raw: string }[] }>('outside')
    assert.deepEqual(mails[0]?.recipients, ['ada@example.org'])
    assert.ok(
      !Buffer.from(mails[0]?.raw ?? '', 'base64')
        .toString()
        .includes('Bcc'),
    )
  })

  it('answers come back into the thread', async () => {
    const house = await startHouse()
    const { peer, account, token } = house.sim
    const first = await send(house, letter({ To: peer.user, Subject: 'Lunch?' }))
    const got = await newest(house, peer.token)
    const messageId = /^Message-ID: (<.*>)\r$/m.exec(got.raw)?.[1] ?? ''
    await send(
      house,
      letter({ To: account, Subject: 'Re: Lunch?', 'In-Reply-To': messageId, References: messageId }),
      peer.token,
    )
    const { messages } = await house.get<{ messages: { threadId: string }[] }>('messages?maxResults=1', {
      token,
    })
    assert.equal(messages[0]?.threadId, first.threadId)
  })

  it('to oneself is one message that is sent, unread and in the inbox', async () => {
    const house = await startHouse()
    const { labelIds, id } = await send(house, letter({ To: 'Demo <demo+note@gmail.test>', Subject: 'Note' }))
    assert.deepEqual(labelIds, ['UNREAD', 'SENT', 'INBOX'])
    assert.match(await house.rawOf(id), /^From: Robin Demo <demo@gmail\.test>\r$/m)
  })

  it('replaces a From that is not the account or a verified alias', async () => {
    const house = await startHouse()
    const from = async (address: string) => {
      const { id } = await send(house, letter({ From: `X <${address}>`, To: 'ada@example.org' }))
      return /^From: (.*)\r$/m.exec(await house.rawOf(id))?.[1]
    }
    await house.control('addAlias', { address: 'alias@example.org', name: 'Alias' })
    await house.control('addAlias', { address: 'pending@example.org', verified: false })
    assert.equal(await from('alias@example.org'), 'X <alias@example.org>')
    assert.equal(await from('pending@example.org'), 'Robin Demo <demo@gmail.test>')
    assert.equal(await from('ceo@example.org'), 'Robin Demo <demo@gmail.test>')
    const { sendAs } = await house.get<{
      sendAs: { sendAsEmail: string; isPrimary?: boolean; verificationStatus?: string }[]
    }>('settings/sendAs')
    assert.deepEqual(
      sendAs.map(({ sendAsEmail, verificationStatus }) => [sendAsEmail, verificationStatus]),
      [
        ['demo@gmail.test', undefined],
        ['alias@example.org', 'accepted'],
        ['pending@example.org', 'pending'],
      ],
    )
  })

  it('needs recipients, and not too many', async () => {
    const house = await startHouse()
    const status = (text: string) => house.reason('messages/send', { json: { raw: raw(text) } })
    assert.deepEqual(await status(letter({ Subject: 'x' })), [
      400,
      'invalidArgument',
      'Recipient address required',
    ])
    const many = Array.from({ length: 501 }, (_, index) => `a${index}@example.org`).join(', ')
    assert.deepEqual((await status(letter({ To: many }))).slice(0, 2), [400, 'invalidArgument'])
  })
})
