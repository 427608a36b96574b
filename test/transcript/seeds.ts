import { messages } from '#test/fixtures/messages.ts'

/** A message that is in the mailbox before the transcript begins. */
export interface Seeded {
  readonly raw: Buffer
  /** Gmail's ids, and names of labels of one's own. */
  readonly labels: readonly string[]
  /** When it arrived. */
  readonly date: string
}

const unread = ['INBOX', 'UNREAD']

/** What stands after `seed:`. Message 1 is the first; each arrived an hour after the one before, from 5 January 2026, 10:00. */
export const seeds: ReadonlyMap<string, readonly Seeded[]> = new Map(
  Object.entries({
    nothing: [],
    'one-message': [fixture('simple')],
    'three-messages': [fixture('simple'), fixture('alternative'), fixture('encoded-words-split')],
    // Read, starred, in two labels; and one that is nowhere but in All Mail.
    'labelled-messages': [
      fixture('simple', ['INBOX', 'Work']),
      fixture('alternative', ['INBOX', 'UNREAD', 'STARRED', 'Work']),
      fixture('format-flowed', ['Work/Projects', 'UNREAD']),
      fixture('group-address', []),
    ],
    'label-names': [
      fixture('simple', ['INBOX', 'Plain', 'Tom & Jerry', 'Grüße/東京', 'With "quotes" and \\']),
    ],
    'every-system-label': [
      fixture('simple', ['INBOX']),
      fixture('alternative', ['SENT']),
      fixture('format-flowed', ['TRASH']),
      fixture('group-address', ['SPAM', 'UNREAD']),
      fixture('dot-lines', ['STARRED', 'IMPORTANT']),
    ],
    'with-attachment': [fixture('binary-attachment')],
    'message-in-message': [fixture('rfc822-in-rfc822')],
    groups: [fixture('group-address')],
    'line-ends': [fixture('lf-line-ends'), fixture('mixed-line-ends'), fixture('no-final-newline')],
    'odd-messages': [fixture('empty'), fixture('no-header'), fixture('header-only'), fixture('bad-date')],
    correspondence: correspondence(),
    'winter-of-2014': [
      '2014-12-28T09:00:00Z',
      '2014-12-28T21:30:00Z',
      '2014-12-29T10:00:00Z',
      '2014-12-30T10:00:00Z',
      '2014-12-31T10:00:00Z',
      '2015-01-01T17:50:53Z',
      '2015-01-02T10:00:00Z',
      '2015-01-03T10:00:00Z',
      '2015-01-04T10:00:00Z',
    ].map((date) => written({ subject: 'Snow', date })),
    threads: threads(),
    'ten-messages': Array.from({ length: 10 }, (_, i) => written({ subject: `Number ${i + 1}` })),
  } satisfies Record<string, Omit<Seeded, 'date'>[]>).map(([name, list]) => [
    name,
    list.map((one, i) => ({
      date: new Date(Date.UTC(2026, 0, 5, 10 + i)).toISOString(),
      ...one,
    })),
  ]),
)

function fixture(name: string, labels: readonly string[] = unread): Omit<Seeded, 'date'> {
  const raw = messages.get(name)
  if (raw === undefined) throw new RangeError(`There is no message ${name}`)
  return { raw, labels }
}

interface Written {
  readonly from?: string
  readonly to?: string
  readonly cc?: string
  readonly bcc?: string
  readonly subject?: string
  readonly sent?: string
  readonly more?: readonly string[]
  readonly body?: string
  readonly labels?: readonly string[]
  readonly date?: string
}

function written({
  from = 'Ada <ada@example.org>',
  to = 'Ben <ben@example.org>',
  cc,
  bcc,
  subject = '',
  sent = 'Mon, 5 Jan 2026 10:00:00 +0000',
  more = [],
  body = 'Hello.',
  labels = unread,
  date,
}: Written): Omit<Seeded, 'date'> {
  const header = [`From: ${from}`, `To: ${to}`, `Date: ${sent}`, `Subject: ${subject}`]
  if (cc !== undefined) header.push(`Cc: ${cc}`)
  if (bcc !== undefined) header.push(`Bcc: ${bcc}`)
  const raw = Buffer.from([...header, ...more, '', body, ''].join('\r\n'), 'utf8')
  return date === undefined ? { raw, labels } : ({ raw, labels, date } as Omit<Seeded, 'date'>)
}

/** Eight letters with something to find in each. */
function correspondence(): Omit<Seeded, 'date'>[] {
  return [
    written({
      subject: 'Afternoon meeting',
      from: 'Smith <smith@example.com>',
      labels: ['INBOX'],
      sent: 'Mon, 7 Feb 1994 21:52:25 -0800',
      date: '1994-02-08T05:52:25Z',
    }),
    written({
      subject: 'Re: Afternoon meeting',
      to: 'Smith <smith@example.com>',
      cc: 'Cara <cara@example.net>',
      labels: ['INBOX', 'STARRED'],
      sent: 'Tue, 8 Feb 1994 10:00:00 +0000',
      date: '1994-02-08T10:00:00Z',
    }),
    written({
      subject: 'Lunch?',
      from: 'Smith <smith@example.com>',
      bcc: 'hidden@example.net',
      more: ['X-Priority: 1', 'Message-ID: <lunch@example.com>'],
      sent: 'Wed, 9 Feb 1994 23:30:00 -0500',
      date: '1994-02-10T04:30:00Z',
    }),
    written({
      subject: '=?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=',
      more: [
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: base64',
      ],
      body: Buffer.from('Schöne Grüße vom Rhein.\r\n').toString('base64'),
      date: '2026-01-05T13:00:00Z',
    }),
    written({
      subject: 'Numbers',
      body: 'x'.repeat(3000),
      sent: 'Mon, 5 Jan 2026 23:59:59 -1100',
      date: '2026-01-05T14:00:00Z',
    }),
    written({
      subject: 'Empty header below',
      more: ['X-Empty:'],
      labels: ['INBOX', 'UNREAD', 'IMPORTANT'],
      date: '2026-01-05T15:00:00Z',
    }),
  ]
}

/** A thread by references with a letter missing in its middle, two by subject alone, one in a circle; sent out of order. */
function threads(): Omit<Seeded, 'date'>[] {
  return [
    written({ subject: 'Tea', sent: at(1), more: id('tea') }),
    written({ subject: 'Re: Tea', sent: at(9), more: id('tea-2', 'tea'), from: 'Zoe <ann@example.org>' }),
    written({ subject: 'Re: Tea', sent: at(8), more: id('tea-3', 'tea', 'gone'), from: 'ben@example.org' }),
    written({
      subject: 'Re: Tea (fwd)',
      sent: at(7),
      more: id('tea-4', 'tea', 'gone'),
      to: 'Zed <a@example.org>',
    }),
    written({ subject: 'Re: [list] Milk', sent: at(5), more: id('milk-2') }),
    written({ subject: '[list] milk', sent: at(3), more: id('milk') }),
    written({ subject: 'Ring', sent: at(2), more: id('ring', 'ring-2') }),
    written({ subject: 'Ring', sent: at(4), more: id('ring-2', 'ring') }),
  ]
}

function at(hour: number): string {
  return `Mon, 5 Jan 2026 ${String(hour).padStart(2, '0')}:00:00 +0000`
}

/** The fields that say what a letter is called and which it answers. */
function id(name: string, ...references: string[]): string[] {
  const own = `Message-ID: <${name}@example.org>`
  if (references.length === 0) return [own]
  return [own, `References: ${references.map((one) => `<${one}@example.org>`).join(' ')}`]
}
