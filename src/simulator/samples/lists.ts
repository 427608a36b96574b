import {
  alternative,
  enclosed,
  letter,
  multipart,
  text,
  word,
  type SampleMessage,
  type SampleSetting,
} from './composition.ts'

function newsletterHtml(title: string, items: readonly string[]): string {
  return `<!doctype html>
<html><head><style>body { font-family: Georgia, serif } h1 { color: #0b6b53 }</style></head>
<body><h1>${title}</h1>
<ul>
${items.map((item) => `<li>${item}</li>`).join('\n')}
</ul>
<p><a href="https://newsletter.example/unsubscribe">Unsubscribe</a></p></body></html>`
}

/** Newsletters, mailing lists, notices of machines. */
export function listMail(setting: SampleSetting): SampleMessage[] {
  const messages: SampleMessage[] = []
  const topics = [
    [
      'The Slow Gazette',
      'A bench in the park was painted',
      'The clock is now right twice a day',
      'Weather: some',
    ],
    [
      'Letters on Locks',
      'Why keys are cut from brass',
      'A visit to a museum of doors',
      'Readers ask: left or right?',
    ],
    ['Garden Weekly', 'Plant tulips now', 'Leaves: rake or leave?', 'The last pear'],
  ] as const
  for (let week = 0; week < 4; week += 1) {
    for (const [index, [name, ...items]] of topics.entries()) {
      const title = `${name}, number ${112 - week}`
      messages.push(
        letter(setting, {
          id: `news-${index}-${week}`,
          from: `${name} <news${index}@newsletter.example>`,
          subject: title,
          hoursAgo: 12 + index * 5 + week * 168,
          labels: week === 0 ? ['INBOX', 'UNREAD', 'CATEGORY_PROMOTIONS'] : ['Newsletters'],
          fields: [
            `List-Id: ${name} <news${index}.newsletter.example>`,
            'List-Unsubscribe: <https://newsletter.example/u/1>, <mailto:leave@newsletter.example>',
            'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
            'Precedence: bulk',
          ],
          body: alternative(
            `news-${index}-${week}`,
            `${title}\n\n${items.map((item) => `* ${item}`).join('\n')}`,
            newsletterHtml(title, items),
          ),
        }),
      )
    }
  }
  const asked = ['imap-ask', 'imap-answer', 'imap-thanks']
  const list = ['List-Id: Mail Folk <folk.lists.example>', 'List-Post: <mailto:folk@lists.example>']
  const people = ['Olu <olu@lists.example>', 'Wen <wen@lists.example>', 'Olu <olu@lists.example>']
  const words = [
    'Why does a mailbox give every message a number twice?',
    '> Why does a mailbox give every message a number twice?\n\nOne counts what is there now. The other never changes. You will want the second.',
    'I wanted the second. Thank you.',
  ]
  for (const [index, id] of asked.entries()) {
    messages.push(
      letter(setting, {
        id,
        after: asked.slice(0, index),
        from: people[index] as string,
        to: 'Mail Folk <folk@lists.example>',
        subject: `${index === 0 ? '' : 'Re: '}[folk] Two numbers`,
        hoursAgo: 88 - index * 3,
        labels: ['Lists/Mail Folk'],
        fields: list,
        body: words[index] as string,
      }),
    )
  }
  messages.push(
    letter(setting, {
      id: 'digest',
      from: 'Mail Folk <folk-request@lists.example>',
      subject: 'Mail Folk Digest, Vol 7, Issue 3',
      hoursAgo: 64,
      labels: ['Lists/Mail Folk', 'UNREAD'],
      fields: list,
      body: multipart('mixed', 'digest-outer', [
        text('Two messages today.'),
        multipart(
          'digest',
          'digest-inner',
          messages.slice(-2).map((message) => ({ ...enclosed(message), fields: [] })),
        ),
      ]),
    }),
    letter(setting, {
      id: 'bounce',
      from: 'Mail Delivery Subsystem <mailer-daemon@mx.example>',
      subject: 'Delivery Status Notification (Failure)',
      hoursAgo: 27,
      labels: ['INBOX', 'UNREAD'],
      fields: ['Auto-Submitted: auto-replied'],
      body: multipart(
        'report',
        'bounce-parts',
        [
          text('The message to nobody@nowhere.example could not be delivered: there is nobody.'),
          {
            fields: ['Content-Type: message/delivery-status'],
            content: Buffer.from(
              'Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; nobody@nowhere.example\r\nAction: failed\r\nStatus: 5.1.1\r\n',
            ),
          },
          {
            fields: ['Content-Type: text/rfc822-headers'],
            content: Buffer.from('To: nobody@nowhere.example\r\nSubject: Is anybody there?\r\n'),
          },
        ],
        '; report-type=delivery-status',
      ),
    }),
  )
  const machine = (id: string, subject: string, hoursAgo: number, body: string) =>
    letter(setting, {
      id,
      from: 'Build <build@ci.example>',
      subject,
      hoursAgo,
      labels: ['CATEGORY_UPDATES', project],
      fields: ['Auto-Submitted: auto-generated'],
      body,
    })
  messages.push(
    machine('build-1', 'Build 411 passed', 11, 'All checks passed in 2 minutes.'),
    machine(
      'build-2',
      'Build 410 failed',
      35,
      'The roof of the door is missing.\n\n    expected: roof\n    actual:   sky',
    ),
    machine('build-3', 'Build 409 passed', 59, 'All checks passed in 3 minutes.'),
    letter(setting, {
      id: 'html-only',
      from: `${word('UTF-8', 'Q', 'Société des Horloges')} <horloge@clock.example>`,
      subject: 'HTML and nothing else',
      hoursAgo: 205,
      labels: ['Newsletters', 'CATEGORY_PROMOTIONS'],
      body: text('<p>Une montre&nbsp;? <b>Deux</b> montres&nbsp;!</p><p>5 &lt; 7 &amp; 7 &gt; 5</p>', 'html'),
    }),
  )
  return messages
}

const project = 'Work/Projects/Postern'

/** What nobody wanted, and what somebody no longer wants. */
export function unwantedMail(setting: SampleSetting): SampleMessage[] {
  const spam = (id: string, subject: string, hoursAgo: number, body: string) =>
    letter(setting, {
      id,
      from: 'Winner <win@spam.example>',
      subject,
      hoursAgo,
      labels: ['SPAM', 'UNREAD'],
      body,
    })
  const trash = (id: string, subject: string, hoursAgo: number, body: string) =>
    letter(setting, { id, from: 'Shop <shop@offers.example>', subject, hoursAgo, labels: ['TRASH'], body })
  return [
    spam('spam-1', 'You have won a second door', 18, 'Claim your door now. Bring money.'),
    spam('spam-2', word('UTF-8', 'B', 'Геt riсh with kеys'), 43, 'The secret that locksmiths do not tell.'),
    spam('spam-3', '', 71, '<<< click >>>'),
    trash('trash-1', 'Your basket misses you', 120, 'One doormat is still in your basket.'),
    trash('trash-2', 'Last chance for a doormat', 144, 'It says Welcome. It means it.'),
  ]
}
