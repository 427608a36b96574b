import assert from 'node:assert/strict'
import { choice, fact } from '../check.ts'
import { expectBadRequest, expectRefusal } from '../expect.ts'
import type { Message, Profile } from '../resources.ts'

/** How Gmail says no. */
export const errors = [
  fact('F§3', 'an id that is no hexadecimal of 63 bits is a 400 "Invalid id value"', async (contract) => {
    for (const id of ['1g', '-1', '11111111111111111', '8000000000000000']) {
      expectRefusal(await contract.api.refused(`messages/${id}`), 400, 'invalidArgument', 'Invalid id value')
    }
  }),

  fact('F§3', 'a well-formed id of nothing is a 404', async (contract) => {
    for (const id of ['0', '1', 'DEADBEEF', '7fffffffffffffff']) {
      const refusal = await contract.api.refused(`messages/${id}`)
      expectRefusal(refusal, 404, 'notFound', 'Requested entity was not found.')
      assert.deepEqual([refusal.domain, refusal.rpcStatus], ['global', 'NOT_FOUND'])
    }
  }),

  fact('F§3', 'ids are read in upper case too', async (contract) => {
    const { id } = await contract.once('plain', () => contract.insert())
    assert.equal((await contract.api.get<Message>(`messages/${id.toUpperCase()}`)).id, id)
  }),

  fact(
    'F§1.4',
    'a bad token is a 401 authError that points at the Authorization header',
    async (contract) => {
      const refusal = await contract.api.refused('profile', { token: 'ya29.not-a-token' })
      expectRefusal(refusal, 401, 'authError')
      assert.deepEqual(
        [refusal.domain, refusal.rpcStatus, refusal.location],
        ['global', 'UNAUTHENTICATED', 'Authorization'],
      )
    },
  ),

  fact('F§1.4', 'no token is a 401 required', async (contract) => {
    const refusal = await contract.api.refused('profile', { token: null })
    expectRefusal(refusal, 401, 'required')
    assert.equal(refusal.rpcStatus, 'UNAUTHENTICATED')
  }),

  fact('F§1.4', "another's mailbox is a 403 'Delegation denied'", async (contract) => {
    const refusal = await contract.api.refused('/gmail/v1/users/contract%40example.com/profile')
    assert.equal(refusal.status, 403)
    assert.match(refusal.message, /^Delegation denied for /)
  }),

  fact('F§6', "the account's own address is as good as me", async (contract) => {
    const { emailAddress } = await contract.profile()
    const path = `/gmail/v1/users/${encodeURIComponent(emailAddress)}/profile`
    assert.equal((await contract.api.get<Profile>(path)).emailAddress, emailAddress)
  }),

  fact('F§1.4', 'a body that is no JSON is a 400', async (contract) => {
    const headers = { 'content-type': 'application/json' }
    expectBadRequest(await contract.api.refused('labels', { method: 'POST', headers, body: '{"name":' }))
  }),

  choice('choices.ts', 'an unknown query parameter is a 400', async (contract) => {
    const refusal = await contract.api.refused('profile', { query: { nosuch: 'x' } })
    expectBadRequest(refusal, /Cannot bind query parameter/)
  }),

  choice('choices.ts', 'an unknown path is a 404 in HTML', async (contract) => {
    const reply = await contract.api.call('nosuch')
    assert.equal(reply.status, 404)
    assert.match(reply.headers.get('content-type') ?? '', /^text\/html/)
  }),
]
