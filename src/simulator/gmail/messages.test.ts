import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closeAfterEach, letter, raw, startHouse } from '../testing/house.ts'

interface Message {
  id: string
  threadId: string
  labelIds?: string[]
  snippet: string
  sizeEstimate: number
  historyId: string
  internalDate: string
  payload?: Part
  raw?: string
}

interface Part {
  partId: string
  mimeType: string
  filename: string
  headers: { name: string; value: string }[]
  body: { size: number; data?: string; attachmentId?: string }
  parts?: Part[]
}

interface Page {
  messages?: { id: string; threadId: string }[]
  nextPageToken?: string
  resultSizeEstimate: number
}

closeAfterEach()

const enclosed = [
  'From: "Zoë" <zoe@example.org>',
  'Subject: =?utf-8?Q?caf=C3=A9?= & more',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=out',
  '',
  '--out',
  'Content-Type: multipart/alternative; boundary=in',
  '',
  '--in',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Caf=E9 <b> & "tea"',
  '--in',
  'Content-Type: text/html',
  '',
  '<p>Café</p>',
  '--in--',
  '--out',
  'Content-Type: application/pdf; name=plan.pdf',
  'Content-Disposition: attachment; filename=plan.pdf',
  'Content-Transfer-Encoding: base64',
  '',
  'AAECAwQ=',
  '--out--',
  '',
].join('\n')

describe('messages.get', () => {
  it('full is a tree with part ids, text inside and attachments by id', async () => {
    const house = await startHouse()
    const { id } = await house.insert(enclosed)
    const message = await house.get<Message>(`messages/${id}`)
    assert.equal(message.snippet, 'Café &lt;b&gt; &amp; &quot;tea&quot;')
    assert.equal(message.raw, undefined)
    assert.equal(message.payload?.headers.find(({ name }) => name === 'Subject')?.value, 'café & more')
    assert.deepEqual(message.payload?.body, { size: 0 })
    const [alternative, pdf] = message.payload?.parts ?? []
    assert.deepEqual(
      [alternative, ...(alternative?.parts ?? []), pdf].map((part) => [
        part?.partId,
        part?.mimeType,
        part?.filename,
      ]),
      [
        ['0', 'multipart/alternative', ''],
        ['0.0', 'text/plain', ''],
        ['0.1', 'text/html', ''],
        ['1', 'application/pdf', 'plan.pdf'],
      ],
    )
    const text = alternative?.parts?.[0]?.body
    assert.equal(text?.size, 16)
    assert.equal(Buffer.from(text?.data ?? '', 'base64url').toString('latin1'), 'Café <b> & "tea"')
    assert.deepEqual([pdf?.body.size, pdf?.body.data], [5, undefined])
    const attachmentId = pdf?.body.attachmentId ?? ''
    const again = await house.get<Message>(`messages/${id}`)
    assert.notEqual(again.payload?.parts?.[1]?.body.attachmentId, attachmentId)
    assert.deepEqual(await house.get(`messages/${id}/attachments/${attachmentId}`), {
      size: 5,
      data: 'AAECAwQ=',
    })
    assert.equal((await house.ask(`messages/${id}/attachments/ANGjdJnothing`)).status, 400)
  })

  it('metadata has chosen headers and no tree; minimal has neither', async () => {
    const house = await startHouse()
    const { id } = await house.insert(enclosed)
    const metadata = await house.get<Message>(
      `messages/${id}?format=metadata&metadataHeaders=FROM&metadataHeaders=x-none`,
    )
    assert.deepEqual(metadata.payload, {
      mimeType: 'multipart/mixed',
      headers: [{ name: 'From', value: '"Zoë" <zoe@example.org>' }],
    })
    const minimal = await house.get<Message>(`messages/${id}?format=MINIMAL`)
    assert.deepEqual(Object.keys(minimal), [
      'id',
      'threadId',
      'labelIds',
      'snippet',
      'sizeEstimate',
      'historyId',
      'internalDate',
    ])
    assert.equal(typeof minimal.historyId, 'string')
    assert.match(minimal.internalDate, /^\d+$/)
  })

  it('refuses malformed ids with 400, and unknown ones with 404', async () => {
    const house = await startHouse()
    for (const id of ['1g', '-1', '8000000000000000', '12345678901234567'])
      assert.deepEqual((await house.reason(`messages/${id}`)).slice(0, 2), [400, 'invalidArgument'], id)
    for (const id of ['0', '1', 'DEADBEEF', '7fffffffffffffff'])
      assert.deepEqual((await house.reason(`messages/${id}`)).slice(0, 2), [404, 'notFound'], id)
    const { id } = await house.insert(letter({ Subject: 'x' }))
    assert.equal((await house.get<Message>(`messages/${id.toUpperCase()}`)).id, id)
  })
})

describe('messages.list', () => {
  it('pages through a label, newest internal date first, each message once', async () => {
    const house = await startHouse()
    const label = await house.get<{ id: string }>('labels', { json: { name: 'Paged' } })
    const expected: string[] = []
    for (let count = 0; count < 9; count += 1) {
      // receivedTime is insert's default: the Date header means nothing.
      const text = letter({ Date: `${9 - count} Jan 2020 00:00:00 +0000` })
      expected.push((await house.insert(text, [label.id])).id)
    }
    const seen: string[] = []
    let token = ''
    let pages = 0
    do {
      const page = await house.get<Page>(`messages?labelIds=${label.id}&maxResults=4&pageToken=${token}`)
      seen.push(...(page.messages ?? []).map(({ id }) => id))
      assert.equal(page.resultSizeEstimate, page.nextPageToken === undefined ? 9 : 201)
      token = page.nextPageToken ?? ''
      pages += 1
    } while (token !== '')
    assert.equal(pages, 3)
    assert.deepEqual(seen, expected.toReversed())
    assert.equal((await house.ask('messages?pageToken=tomorrow')).status, 400)
    const dated = await house.get<Message>(`messages?internalDateSource=dateHeader`, {
      json: { raw: raw(letter({ Date: '1 Jan 2001 00:00:00 +0000' })), labelIds: [label.id] },
    })
    const all = await house.get<Page>(`messages?labelIds=${label.id}`)
    assert.equal(all.messages?.at(-1)?.id, dated.id)
  })

  it('wants all labels, and leaves out spam and trash unless they are asked for', async () => {
    const house = await startHouse()
    const label = (await house.get<{ id: string }>('labels', { json: { name: 'Both' } })).id
    const a = (await house.insert(letter({ Subject: 'a' }), ['INBOX', label])).id
    const b = (await house.insert(letter({ Subject: 'b' }), ['TRASH', label])).id
    await house.insert(letter({ Subject: 'c' }), ['INBOX'])
    const list = async (query: string) =>
      ((await house.get<Page>(`messages?${query}`)).messages ?? []).map(({ id }) => id)
    assert.deepEqual(await list(`labelIds=${label}`), [a])
    assert.deepEqual(await list(`labelIds=INBOX&labelIds=${label}`), [a])
    assert.deepEqual(await list(`labelIds=${label}&includeSpamTrash=true`), [b, a])
    assert.deepEqual(await list(`labelIds=${label}&labelIds=TRASH`), [b])
    assert.deepEqual(await list(`labelIds=${label}&q=in:trash`), [b])
    assert.equal((await house.ask('messages?labelIds=Label_404')).status, 400)
  })
})

describe('changing labels', () => {
  it('follows the rules for add, remove, drafts and immovable labels', async () => {
    const house = await startHouse()
    const { id } = await house.insert(letter({ Subject: 'x' }), ['INBOX', 'UNREAD'])
    const modify = (json: object) => house.ask(`messages/${id}/modify`, { json })
    const { body } = await modify({ addLabelIds: ['STARRED'], removeLabelIds: ['UNREAD', 'IMPORTANT'] })
    assert.deepEqual(body['labelIds'], ['STARRED', 'INBOX'])
    for (const json of [
      {},
      { addLabelIds: ['SENT'] },
      { addLabelIds: ['Nope'] },
      { addLabelIds: ['STARRED'], removeLabelIds: ['STARRED'] },
      { addLabelIds: ['INBOX', 'TRASH'] },
      { addLabelIds: 'INBOX' },
    ])
      assert.equal((await modify(json)).status, 400, JSON.stringify(json))
    assert.deepEqual((await modify({ addLabelIds: ['TRASH'] })).body['labelIds'], [
      'TRASH',
      'STARRED',
      'INBOX',
    ])
    const draft = await house.get<{ message: { id: string } }>('drafts', {
      json: { message: { raw: raw('Subject: d\n\n') } },
    })
    const onDraft = (json: object) => house.ask(`messages/${draft.message.id}/modify`, { json })
    assert.equal((await onDraft({ addLabelIds: ['STARRED'] })).status, 400)
    assert.equal((await onDraft({ removeLabelIds: ['UNREAD'] })).status, 200)
    assert.equal((await onDraft({ addLabelIds: ['TRASH'] })).status, 200)
  })

  it('batchModify and batchDelete pass over what is not there', async () => {
    const house = await startHouse()
    const ids = [
      await house.insert(letter({ Subject: 'a' })),
      await house.insert(letter({ Subject: 'b' })),
    ].map(({ id }) => id)
    const modified = await house.ask('messages/batchModify', {
      json: { ids: [...ids, '1'], addLabelIds: ['STARRED'] },
    })
    assert.deepEqual([modified.status, modified.headers.get('content-length')], [204, null])
    for (const id of ids)
      assert.deepEqual((await house.get<Message>(`messages/${id}`)).labelIds, ['STARRED', 'INBOX'])
    assert.equal(
      (await house.ask('messages/batchModify', { json: { ids: ['xyz'], addLabelIds: ['STARRED'] } })).status,
      400,
    )
    const many = Array.from({ length: 1001 }, (_, index) => (index + 1).toString(16))
    assert.equal((await house.ask('messages/batchDelete', { json: { ids: many } })).status, 400)
    assert.equal((await house.ask('messages/batchDelete', { json: { ids: [...ids, '1'] } })).status, 204)
    assert.equal((await house.ask(`messages/${ids[0]}`)).status, 404)
  })

  it('trash takes INBOX away and untrash gives it back', async () => {
    const house = await startHouse()
    const label = (await house.get<{ id: string }>('labels', { json: { name: 'Stays' } })).id
    const { id } = await house.insert(letter({ Subject: 'x' }), ['INBOX', 'UNREAD', label])
    assert.deepEqual((await house.get<Message>(`messages/${id}/trash`, { method: 'POST' })).labelIds, [
      'UNREAD',
      'TRASH',
      label,
    ])
    assert.deepEqual((await house.get<Message>(`messages/${id}/untrash`, { method: 'POST' })).labelIds, [
      'UNREAD',
      'INBOX',
      label,
    ])
  })
})

describe('import and insert', () => {
  it('import dates by the header and unites what has the same Message-ID', async () => {
    const house = await startHouse()
    const text = letter({ 'Message-ID': '<one@example.org>', Date: 'Mon, 2 Jan 2006 15:04:05 -0700' })
    const first = await house.get<Message>('messages/import', {
      json: { raw: raw(text), labelIds: ['INBOX'] },
    })
    const again = await house.get<Message>('messages/import', {
      json: { raw: raw(text), labelIds: ['STARRED'] },
    })
    assert.equal(again.id, first.id)
    assert.deepEqual(again.labelIds, ['STARRED', 'INBOX'])
    const { internalDate } = await house.get<Message>(`messages/${first.id}`)
    assert.equal(Number(internalDate), Date.UTC(2006, 0, 2, 22, 4, 5))
    assert.notEqual((await house.insert(text)).id, first.id)
  })

  it('insert keeps octets, marks own mail as SENT and wraps drafts', async () => {
    const house = await startHouse()
    const octets = Buffer.from('From: Robin <DEMO@gmail.test>\nX: \xff\0\r\n\nbare\n\rend', 'latin1')
    const sent = await house.get<Message>('messages', { json: { raw: octets.toString('base64') } })
    assert.deepEqual(sent.labelIds, ['SENT'])
    assert.equal(await house.rawOf(sent.id), octets.toString('latin1'))
    const draft = await house.insert(letter({ Subject: 'draft' }), ['DRAFT'])
    const { drafts } = await house.get<{ drafts: { message: { id: string } }[] }>('drafts')
    assert.ok(drafts.some(({ message }) => message.id === draft.id))
    assert.equal((await house.ask('messages', { json: { labelIds: ['INBOX'] } })).status, 400)
    assert.equal((await house.ask('messages', { json: { raw: '!' } })).status, 400)
  })
})
