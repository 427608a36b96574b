import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { OAuth2Client } from 'google-auth-library'
import { gmail } from 'googleapis/build/src/apis/gmail/index.js'
import { closeAfterEach, letter, raw, startHouse, type House } from '../testing/house.ts'

closeAfterEach()

/** The client that most programs use, pointed at the simulator. */
function clientOf({ sim }: House) {
  const auth = new OAuth2Client({
    clientId: sim.clientId,
    clientSecret: sim.clientSecret,
    endpoints: { oauth2TokenUrl: `${sim.url}/token` },
  })
  auth.setCredentials({ refresh_token: sim.refreshToken })
  return gmail({ version: 'v1', auth, rootUrl: `${sim.url}/`, retry: false })
}

describe('googleapis', () => {
  it('refreshes its token, reads the profile, pages through a list', async () => {
    const house = await startHouse()
    const api = clientOf(house)
    const profile = await api.users.getProfile({ userId: 'me' })
    assert.equal(profile.data.emailAddress, house.sim.account)
    const ids = new Set<string>()
    let pageToken: string | undefined
    do {
      const page = await api.users.messages.list({
        userId: 'me',
        maxResults: 7,
        includeSpamTrash: true,
        ...(pageToken === undefined ? {} : { pageToken }),
      })
      for (const { id } of page.data.messages ?? []) ids.add(id ?? '')
      pageToken = page.data.nextPageToken ?? undefined
    } while (pageToken !== undefined)
    assert.equal(ids.size, profile.data.messagesTotal)
  })

  it('inserts by upload, multipart and media, and reads back what it put in', async () => {
    const house = await startHouse()
    const api = clientOf(house)
    const text = letter({ Subject: 'upload' }, 'ä\n')
    const multipart = await api.users.messages.insert(
      {
        userId: 'me',
        requestBody: { labelIds: ['INBOX', 'STARRED'] },
        media: { mimeType: 'message/rfc822', body: Readable.from([Buffer.from(text)]) },
      },
      { rootUrl: house.sim.url },
    )
    assert.deepEqual(multipart.data.labelIds, ['STARRED', 'INBOX'])
    const media = await api.users.messages.insert(
      { userId: 'me', media: { mimeType: 'message/rfc822', body: text } },
      { rootUrl: house.sim.url },
    )
    assert.equal(media.data.labelIds, undefined)
    for (const { id } of [multipart.data, media.data]) {
      const got = await api.users.messages.get({ userId: 'me', id: id ?? '', format: 'raw' })
      // With a JSON part the client appends a line end of its own (fact sheet section 6).
      assert.equal(
        Buffer.from(got.data.raw ?? '', 'base64url')
          .toString()
          .trimEnd(),
        text.trimEnd(),
      )
    }
  })

  it('trashes, stops and deletes with empty bodies, and gets errors it understands', async () => {
    const house = await startHouse()
    const api = clientOf(house)
    const { data } = await api.users.messages.insert({
      userId: 'me',
      requestBody: { raw: raw(letter({ Subject: 'x' })) },
    })
    const id = data.id ?? ''
    assert.deepEqual((await api.users.messages.trash({ userId: 'me', id })).data.labelIds, ['TRASH'])
    assert.equal((await api.users.messages.untrash({ userId: 'me', id })).data.labelIds, undefined)
    assert.equal((await api.users.stop({ userId: 'me' })).status, 204)
    assert.equal((await api.users.messages.delete({ userId: 'me', id })).status, 204)
    await assert.rejects(api.users.messages.get({ userId: 'me', id }), {
      code: 404,
      message: 'Requested entity was not found.',
    })
  })
})
