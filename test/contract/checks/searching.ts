import assert from 'node:assert/strict'
import { choice, fact, type Check } from '../check.ts'
import type { Contract } from '../contract.ts'
import { idsOf } from '../expect.ts'
import { uniqueWord } from '../letter.ts'
import type { MessagePage } from '../resources.ts'

const day = 24 * 3600 * 1000

interface Library {
  /** Only the messages of this check have it. */
  word: string
  other: string
  old: string
  recent: string
  oldMessageId: string
  /** Epoch seconds between the two. */
  between: number
}

/** Two messages to search for: one old, unread, with an attachment; one recent, read, without. */
function library(contract: Contract): Promise<Library> {
  return contract.once('library', async () => {
    const [word, other] = [uniqueWord(), uniqueWord()]
    const old = await contract.insert(
      {
        labelIds: ['UNREAD'],
        from: 'Olivia Old <olivia@old.example.com>',
        subject: `Reading ${word} aloud`,
        date: Date.now() - 100 * day,
        headers: ['Content-Type: multipart/mixed; boundary=shelf'],
        body: [
          '--shelf',
          'Content-Type: text/plain',
          '',
          `the ${other} phrase`,
          '--shelf',
          'Content-Type: application/pdf; name=plan.pdf',
          'Content-Disposition: attachment; filename=plan.pdf',
          'Content-Transfer-Encoding: base64',
          '',
          Buffer.alloc(6000, 'x').toString('base64'),
          '--shelf--',
          '',
        ].join('\n'),
      },
      { internalDateSource: 'dateHeader' },
    )
    const recent = await contract.insert(
      { from: 'Rita Recent <rita@new.example.com>', subject: `Writing ${word}`, date: Date.now() - 2 * day },
      { internalDateSource: 'dateHeader' },
    )
    return {
      word,
      other,
      old: old.id,
      recent: recent.id,
      oldMessageId: old.letter.messageId,
      between: Math.round((Date.now() - 50 * day) / 1000),
    }
  })
}

type Expected = readonly ('old' | 'recent')[]

/** Both messages have the word; the query decides between them. */
function finds(query: string, expected: Expected, cites = 'F§4', known = fact): Check {
  return known(
    cites,
    `a search for ${query} finds ${expected.join(' and ') || 'nothing'}`,
    async (contract) => {
      const shelf = await library(contract)
      const q = query
        .replace('WORD', shelf.word)
        .replace('OTHER', shelf.other)
        .replace('BETWEEN', String(shelf.between))
        .replace('MSGID', shelf.oldMessageId)
        .replace('LABEL', (await contract.label()).name)
      const labelIds = (await contract.label()).id
      const wanted = expected.map((name) => shelf[name]).sort()
      const found = await contract.api.eventually(
        async () =>
          idsOf(
            (await contract.api.get<MessagePage>('messages', { query: { labelIds, q } })).messages,
          ).sort(),
        (ids) => ids.join(' ') === wanted.join(' '),
      )
      assert.deepEqual(found, wanted)
    },
  )
}

export const searching = [
  finds('WORD', ['old', 'recent']),
  finds('subject:WORD', ['old', 'recent']),
  finds('WORD from:olivia@old.example.com', ['old']),
  finds('WORD from:rita', ['recent']),
  finds('rfc822msgid:MSGID', ['old']),
  finds('WORD is:unread', ['old']),
  finds('WORD is:read', ['recent']),
  finds('WORD -is:unread', ['recent']),
  finds('WORD has:attachment', ['old']),
  finds('WORD filename:pdf', ['old']),
  finds('WORD filename:plan.pdf', ['old']),
  finds('WORD after:BETWEEN', ['recent']),
  finds('WORD before:BETWEEN', ['old']),
  finds('WORD older_than:1m', ['old']),
  finds('WORD newer_than:7d', ['recent']),
  finds('WORD larger:4K', ['old']),
  finds('WORD smaller:4K', ['recent']),
  finds('WORD label:LABEL', ['old', 'recent']),
  finds('WORD OTHER', ['old']),
  finds('"OTHER phrase"', ['old']),
  finds('"phrase OTHER"', []),
  finds('OTHER OR (WORD from:rita)', ['old', 'recent']),
  finds('{OTHER from:rita} WORD', ['old', 'recent']),
  finds('WORD -(OTHER)', ['recent']),
  finds('WORD in:anywhere -in:anywhere', []),
  finds('WORD in:archive', ['old', 'recent'], 'F§4', choice),

  fact('F§4', 'words are matched whole: the middle of a word finds nothing', async (contract) => {
    const { word, old } = await library(contract)
    const labelIds = (await contract.label()).id
    const read = (q: string) => contract.api.get<MessagePage>('messages', { query: { labelIds, q } })
    const whole = await contract.api.eventually(
      () => read(word),
      ({ messages }) => messages?.length === 2,
    )
    assert.ok(idsOf(whole.messages).includes(old))
    assert.deepEqual(idsOf((await read(word.slice(3, -3))).messages), [])
  }),
]
