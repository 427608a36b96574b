import {
  alternative,
  attachment,
  enclosed,
  letter,
  multipart,
  text,
  textIn,
  word,
  type SampleMessage,
  type SampleSetting,
} from './composition.ts'
import { envelopePng, invitation, onePagePdf } from './enclosures.ts'

const mira = 'Mira Osei <mira.osei@lighthouse.example>'
const jonas = 'Jonas Lind <jonas@lighthouse.example>'
const project = 'Work/Projects/Postern'

/** Mail of an office: a long thread, a calendar invitation, attachments, a forwarded message. */
export function workMail(setting: SampleSetting): SampleMessage[] {
  const { me } = setting
  const team = `${me}, ${mira}, ${jonas}`
  const thread = ['gate-1', 'gate-2', 'gate-3', 'gate-4', 'gate-5', 'gate-6']
  const said = [
    'Shall we open the side gate this week? The hinges came back from the smith on Monday.',
    'Yes please. I would like to hear first how long the old lock took to open.',
    'Four seconds with the big key, and that is after oiling. The new one opens in under one.',
    'Then Thursday. I will tell the caretaker, and bring the spare keys for everybody.',
    'Thursday is fine for me. Jonas, will you hang the sign?',
    'The sign hangs. It says “Please knock, then simply come in”, which I like.',
  ]
  const conversation = said.map((sentence, index) => {
    const quoted = said.slice(Math.max(0, index - 1), index).map((line) => `> ${line}`)
    const mine = index === 1 || index === 4
    return letter(setting, {
      id: thread[index] as string,
      after: thread.slice(0, index),
      from: mine ? me : index % 2 === 0 ? mira : jonas,
      to: mine ? `${mira}, ${jonas}` : team,
      subject: `${index === 0 ? '' : 'Re: '}Opening the side gate`,
      hoursAgo: 60 - index * 9.5,
      labels: mine
        ? ['SENT', project]
        : index > 4
          ? ['INBOX', 'UNREAD', 'IMPORTANT', project]
          : ['INBOX', project],
      body: `${[...quoted, '', sentence].join('\n').trim()}\n`,
    })
  })
  return [
    ...conversation,
    letter(setting, {
      id: 'planning',
      from: mira,
      to: team,
      subject: 'Invitation: Planning the winter @ Room Postern',
      hoursAgo: 5.2,
      labels: ['INBOX', 'UNREAD', 'Work'],
      body: multipart('mixed', 'planning-outer', [
        multipart('alternative', 'planning-inner', [
          text('You are invited to plan the winter with us, in Room Postern, second floor.'),
          text(
            '<p>You are invited to <b>plan the winter</b> with us, in Room Postern, second floor.</p>',
            'html',
          ),
          {
            ...text(
              invitation(
                setting.now + 45 * 3_600_000,
                'mira.osei@lighthouse.example',
                'demo@example.org',
                'Planning the winter',
              ),
            ),
            fields: [
              'Content-Type: text/calendar; charset=utf-8; method=REQUEST',
              'Content-Transfer-Encoding: 7bit',
            ],
          },
        ]),
        attachment(
          'application/ics; name="invite.ics"',
          ['Content-Disposition: attachment; filename="invite.ics"'],
          Buffer.from(
            invitation(
              setting.now + 45 * 3_600_000,
              'mira.osei@lighthouse.example',
              'demo@example.org',
              'Planning the winter',
            ),
          ),
        ),
      ]),
    }),
    letter(setting, {
      id: 'invoice-2207',
      from: '"Brass & Bell, Accounts" <accounts@brassbell.example>',
      subject: 'Invoice 2207 for one lock',
      hoursAgo: 30,
      labels: ['INBOX', 'STARRED', 'Work'],
      body: multipart('mixed', 'invoice-parts', [
        text('Dear customer,\n\nplease find the invoice attached. It is due in thirty days.\n\nBrass & Bell'),
        attachment(
          'application/pdf; name="invoice-2207.pdf"',
          ['Content-Disposition: attachment; filename="invoice-2207.pdf"'],
          onePagePdf('Invoice 2207: one lock, two keys (paid on delivery)'),
        ),
      ]),
    }),
    letter(setting, {
      id: 'logo',
      from: jonas,
      subject: 'The picture for the door',
      hoursAgo: 77,
      labels: ['INBOX', project],
      body: multipart('related', 'logo-parts', [
        text('<p>Here it is:</p><p><img src="cid:envelope@samples.example" alt="An envelope"></p>', 'html'),
        attachment(
          'image/png; name="envelope.png"',
          ['Content-ID: <envelope@samples.example>', 'Content-Disposition: inline; filename="envelope.png"'],
          envelopePng(),
        ),
      ]),
    }),
    letter(setting, {
      id: 'forwarded',
      from: mira,
      subject: 'Fwd: The caretaker asks',
      hoursAgo: 101,
      labels: ['INBOX', 'Work'],
      body: multipart('mixed', 'forward-parts', [
        text('See below. Can you answer him? He likes short sentences.'),
        enclosed(
          letter(setting, {
            id: 'caretaker',
            from: 'Caretaker <care@lighthouse.example>',
            to: mira,
            subject: 'Keys',
            hoursAgo: 103,
            labels: [],
            body: multipart('alternative', 'care-parts', [
              text('How many keys are there now? I count five.'),
              text('<p>How many keys are there now? I count <i>five</i>.</p>', 'html'),
            ]),
          }),
        ),
      ]),
    }),
    letter(setting, {
      id: 'minutes',
      from: jonas,
      subject:
        'Minutes of a meeting that had a subject so long that the program which wrote it had to\r\n fold it over\r\n\tthree lines',
      hoursAgo: 170,
      labels: [project],
      fields: ['X-Meeting-Room: Postern', 'X-Meeting-Room: Second floor'],
      body: textIn(
        'utf-8',
        'We met. We talked about the gate, the lock and the sign, and this paragraph goes on over \nseveral lines that a program may flow together again, because each of them ends with a \nspace.\n\n> And this was quoted, also \n> flowing.\n\nNext meeting: Thursday.',
        '7bit',
        '; format=flowed; delsp=no',
      ),
    }),
    letter(setting, {
      id: 'numbers',
      from: mira,
      subject: 'Visitor numbers as a table',
      hoursAgo: 220,
      labels: ['Work'],
      body: multipart('mixed', 'numbers-parts', [
        text('The table, and what I think of it: more people come when the door is open.'),
        attachment(
          "text/csv; charset=utf-8; name*=utf-8''Besucher%20%E2%80%93%20M%C3%A4rz.csv",
          [
            "Content-Disposition: attachment;\r\n filename*0*=utf-8''Besucher%20%E2%80%93;\r\n filename*1*=%20M%C3%A4rz.csv",
          ],
          Buffer.from('day,visitors\r\n1,12\r\n2,19\r\n3,4\r\n'),
        ),
      ]),
    }),
    letter(setting, {
      id: 'draft-answer',
      from: me,
      to: mira,
      subject: 'Re: Fwd: The caretaker asks',
      after: ['forwarded'],
      hoursAgo: 20,
      labels: ['DRAFT'],
      body: 'There are six. One is',
    }),
    letter(setting, {
      id: 'sent-thanks',
      from: me,
      to: '"Brass & Bell, Accounts" <accounts@brassbell.example>',
      subject: 'Re: Invoice 2207 for one lock',
      after: ['invoice-2207'],
      hoursAgo: 28,
      labels: ['SENT'],
      fields: ['Bcc: archive@lighthouse.example'],
      body: alternative(
        'thanks-parts',
        'Paid today. Thank you for the lock!',
        '<p>Paid today. Thank you for the lock!</p>',
      ),
    }),
    letter(setting, {
      id: 'report-umlaut',
      from: `${word('UTF-8', 'Q', 'Jürgen Groß')} <jg@lighthouse.example>`,
      subject: `${word('UTF-8', 'B', 'Prüfbericht für das große ')}\r\n ${word('UTF-8', 'B', 'Tor am Südeingang')}`,
      hoursAgo: 260,
      labels: ['Work'],
      body: 'Das Tor wurde geprüft. Es schließt dicht, und es öffnet leicht.\n\nGrüße\nJürgen',
    }),
  ]
}
