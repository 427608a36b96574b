import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { closeAfterEach, letter, startHouse } from '../testing/house.ts'
import { parseQuery } from './query.ts'

closeAfterEach()

const pieces = [
  '(',
  ')',
  '{',
  '}',
  '-',
  '"',
  ' ',
  'OR ',
  'from:',
  'label:',
  'after:',
  'larger:',
  'has:',
  'is:',
  'in:',
  '5',
  'x*',
  "'",
  '\\',
  'NEAR(',
  ' AROUND 3 ',
  'ä',
  '\0',
  '^',
  ':',
]
const queries = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(''))

describe('q', () => {
  it('never is an error, whatever is typed', async () => {
    const house = await startHouse()
    await fc.assert(
      fc.asyncProperty(queries, async (q) => {
        parseQuery(q)
        assert.equal((await house.ask(`messages?q=${encodeURIComponent(q)}`)).status, 200)
      }),
      { numRuns: 150 },
    )
  })

  it('finds by who, what, when, how big and where', async () => {
    const house = await startHouse({ mail: import.meta.dirname })
    const put = async (
      name: string,
      fields: Record<string, string>,
      body: string,
      labels: string[],
      date: string,
    ) => {
      const text = letter({ Subject: name, 'Message-ID': `<${name}@example.org>`, ...fields }, body)
      await house.control('deliver', { text, labels, date })
    }
    await put(
      'alpha',
      { From: 'Ada <ada@example.org>' },
      'the quick brown fox\n',
      ['INBOX', 'UNREAD'],
      '2024-03-10T12:00:00Z',
    )
    await put(
      'beta',
      { From: 'bob@example.org', Cc: 'ada@example.org' },
      'a lazy dog, café\n',
      ['Mi Familia/Über'],
      '2024-03-11T12:00:00Z',
    )
    await put(
      'gamma',
      { From: 'bob@example.org', 'List-ID': '<folk.example.org>' },
      `quick ${'x'.repeat(5000)}\n`,
      ['TRASH'],
      '2025-01-01T00:00:00Z',
    )
    const find = async (q: string) => {
      const { messages = [] } = await house.get<{ messages?: { id: string }[] }>(
        `messages?q=${encodeURIComponent(q)}`,
      )
      const names = await Promise.all(
        messages.map(async ({ id }) => /^Subject: (.*)\r$/m.exec(await house.rawOf(id))?.[1]),
      )
      return names.toReversed().join(' ')
    }
    const expected: [string, string][] = [
      ['from:ada', 'alpha'],
      ['cc:ada@example.org', 'beta'],
      ['to:ada', 'beta'],
      ['quick', 'alpha'],
      ['quick in:anywhere', 'alpha gamma'],
      ['in:trash list:folk.example.org', 'gamma'],
      ['"brown fox"', 'alpha'],
      ['"fox brown"', ''],
      ['qui', ''],
      ['CAFE', 'beta'],
      ['fox AROUND 2 quick', 'alpha'],
      ['{fox dog}', 'alpha beta'],
      ['fox OR dog', 'alpha beta'],
      ['fox dog', ''],
      ['-fox', 'beta'],
      ['subject:(alpha OR beta) -is:unread', 'beta'],
      ['label:mi-familia-über', 'beta'],
      ['label:"Mi Familia/Über"', 'beta'],
      ['has:userlabels', 'beta'],
      ['has:nouserlabels', 'alpha'],
      ['is:unread in:inbox', 'alpha'],
      ['in:archive', 'beta'],
      ['rfc822msgid:<beta@example.org>', 'beta'],
      ['after:2024/03/11', 'beta'],
      ['before:2024/03/11', 'alpha'],
      [`after:${Date.UTC(2024, 2, 11, 12) / 1000}`, 'beta'],
      [`before:${Date.UTC(2024, 2, 11, 12) / 1000}`, 'alpha'],
      ['larger:4K in:anywhere', 'gamma'],
      ['smaller:4K', 'alpha beta'],
      ['in:anywhere -in:anywhere', ''],
      ['is:muted', ''],
    ]
    for (const [q, names] of expected) assert.equal(await find(q), names, q)
  })
})
