import assert from 'node:assert/strict'
import { fact } from '../check.ts'
import type { Contract } from '../contract.ts'
import { expectBadRequest, expectRefusal, labelsOf } from '../expect.ts'
import { encodeRaw, letter } from '../letter.ts'
import type { Message } from '../resources.ts'

function headers(message: Message, name: string): string[] {
  const all = message.payload?.headers ?? []
  return all.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value)
}

/** A self-sent message can be a while in coming: until then it is a 404. */
function read(contract: Contract, id: string): Promise<Message | undefined> {
  return contract.api.eventually(
    async () => {
      const reply = await contract.api.call(`messages/${id}`, { query: { format: 'metadata' } })
      return reply.status === 200 ? (JSON.parse(reply.text) as Message) : undefined
    },
    (message) => message !== undefined,
  )
}

/** With --send only, and to the account itself. */
export const sending = [
  fact(
    'F§2.6',
    'what one sends to oneself is sent, unread and in the inbox, with a Message-ID of Google',
    async (contract) => {
      const address = await contract.mayMail()
      const written = letter({ from: address, to: address })
      const sent = await contract.create('messages/send', {
        method: 'POST',
        json: { raw: encodeRaw(written.raw) },
      })
      assert.ok(labelsOf(sent).has('SENT'))
      const message = await read(contract, sent.id)
      assert.ok(message !== undefined)
      assert.ok(labelsOf(message).has('INBOX'))
      const [messageId] = headers(message, 'message-id')
      assert.notEqual(messageId, written.messageId)
      assert.match(messageId ?? '', /^<CA.*@mail\.gmail\.com>$/)
    },
  ),

  fact('F§2.6', 'a From that is not ours is replaced by the primary address', async (contract) => {
    const address = await contract.mayMail()
    const raw = encodeRaw(letter({ to: address }).raw)
    const sent = await contract.create('messages/send', { method: 'POST', json: { raw } })
    const message = await read(contract, sent.id)
    assert.match(
      message === undefined ? '' : headers(message, 'from').join(),
      new RegExp(address.replaceAll('.', '\\.')),
    )
  }),

  fact('F§1.4', 'a message to nobody is a 400', async (contract) => {
    const address = await contract.mayMail()
    const raw = Buffer.from(`From: ${address}\r\nSubject: To nobody\r\n\r\nx\r\n`)
    const refusal = await contract.api.refused('messages/send', {
      method: 'POST',
      json: { raw: encodeRaw(raw) },
    })
    expectBadRequest(refusal, /Recipient address required/)
  }),

  fact('F§2.8', 'sending a draft ends it and makes a new message with SENT', async (contract) => {
    const address = await contract.mayMail()
    const draft = await contract.newDraft({ from: address, to: address })
    const sent = await contract.create('drafts/send', { method: 'POST', json: { id: draft.id } })
    assert.notEqual(sent.id, draft.message.id)
    assert.ok(labelsOf(sent).has('SENT'))
    expectRefusal(await contract.api.refused(`drafts/${draft.id}`), 404, 'notFound')
    expectRefusal(await contract.api.refused(`messages/${draft.message.id}`), 404, 'notFound')
  }),

  fact('F§2.8', 'drafts.send may bring the last version of the message', async (contract) => {
    const address = await contract.mayMail()
    const draft = await contract.newDraft({ from: address, to: address })
    const last = letter({ from: address, to: address })
    const json = {
      id: draft.id,
      message: { raw: encodeRaw(last.raw) },
    }
    const sent = await contract.create('drafts/send', { method: 'POST', json })
    const message = await read(contract, sent.id)
    assert.deepEqual(message === undefined ? [] : headers(message, 'subject'), [last.subject])
    expectRefusal(await contract.api.refused(`drafts/${draft.id}`), 404, 'notFound')
  }),
]
