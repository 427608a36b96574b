import {
  attachment,
  encode,
  letter,
  multipart,
  text,
  textIn,
  word,
  type SampleMessage,
  type SampleSetting,
} from './composition.ts'
import { envelopePng, onePagePdf } from './enclosures.ts'

const aunt = `${word('ISO-8859-1', 'Q', 'Tante Käthe')} <kaethe@familie.example>`

/** Family, friends, journeys: many languages and charsets. */
export function lifeMail(setting: SampleSetting): SampleMessage[] {
  const { me } = setting
  const photos = ['photos-1', 'photos-2', 'photos-3']
  return [
    letter(setting, {
      id: photos[0] as string,
      from: aunt,
      subject: word('ISO-8859-1', 'Q', 'Die Fotos vom Gartenfest für Euch'),
      hoursAgo: 9,
      labels: ['INBOX', 'STARRED', 'Familie'],
      body: multipart('mixed', 'fest-teile', [
        textIn(
          'iso-8859-1',
          'Ihr Lieben,\n\nanbei ein Bild. Schön war es, und süß waren die Äpfel!\n\nEure Käthe',
        ),
        attachment(
          `image/png; name="${word('ISO-8859-1', 'Q', 'Gartenfest Käthe.png')}"`,
          [`Content-Disposition: attachment; filename="${word('ISO-8859-1', 'Q', 'Gartenfest Käthe.png')}"`],
          envelopePng(),
        ),
      ]),
    }),
    letter(setting, {
      id: photos[1] as string,
      after: photos.slice(0, 1),
      from: me,
      to: aunt,
      subject: `Re: ${word('ISO-8859-1', 'Q', 'Die Fotos vom Gartenfest für Euch')}`,
      hoursAgo: 7,
      labels: ['SENT', 'Familie'],
      body: 'Liebe Käthe,\n\nwie schön! Das Bild hängt schon.\n\nViele Grüße',
    }),
    letter(setting, {
      id: photos[2] as string,
      after: photos.slice(0, 2),
      from: aunt,
      subject: `Re: ${word('ISO-8859-1', 'Q', 'Die Fotos vom Gartenfest für Euch')}`,
      hoursAgo: 1.4,
      labels: ['INBOX', 'UNREAD', 'Familie'],
      body: textIn('windows-1252', '„Hängt schon“ – das freut mich. Bis Sonntag… Käthe'),
    }),
    letter(setting, {
      id: 'haruka',
      from: `${word('ISO-2022-JP', 'B', '田中 春香')} <haruka@kyoto.example>`,
      subject: word('ISO-2022-JP', 'B', '京都への旅行について'),
      hoursAgo: 14,
      labels: ['INBOX', 'UNREAD', 'Travel'],
      body: textIn(
        'ISO-2022-JP',
        'こんにちは。\n\n十一月の京都は紅葉がとても美しいです。\n駅で待っています。\n\n春香',
        '7bit',
      ),
    }),
    letter(setting, {
      id: 'nina',
      from: `${word('KOI8-R', 'B', 'Нина Орлова')} <nina@chess.example>`,
      subject: word('KOI8-R', 'B', 'Партия в шахматы'),
      hoursAgo: 33,
      labels: ['INBOX'],
      body: textIn('KOI8-R', 'Привет!\n\nМой ход: конь на f3. Теперь твоя очередь думать.\n\nНина'),
    }),
    letter(setting, {
      id: 'leila',
      from: `${word('UTF-8', 'B', 'ليلى حداد')} <leila@books.example>`,
      subject: word('UTF-8', 'B', 'الكتاب الذي سألت عنه'),
      hoursAgo: 52,
      labels: ['INBOX'],
      body: textIn('utf-8', 'مرحبا،\n\nوجدت الكتاب. سأرسله غدا.\n\nليلى'),
    }),
    letter(setting, {
      id: 'party',
      from: 'Sam Park <sam@friends.example>',
      to: 'Everybody: robin@friends.example, Lee <lee@friends.example>, "O\'Hara, Pat" <pat@friends.example>;',
      subject: word('UTF-8', 'B', '🎂 Saturday, bring cake 🎈'),
      hoursAgo: 26,
      labels: ['INBOX', 'STARRED', 'UNREAD'],
      body: text('Saturday at seven. Bring cake 🍰 and somebody who sings.\n\nSam'),
    }),
    letter(setting, {
      id: 'ticket',
      from: 'Northern Rail <tickets@northernrail.example>',
      subject: 'Your ticket: Edinburgh to Inverness',
      hoursAgo: 48,
      labels: ['INBOX', 'IMPORTANT', 'Travel', 'CATEGORY_UPDATES'],
      body: multipart('mixed', 'ticket-parts', [
        multipart('alternative', 'ticket-words', [
          text('Coach C, seat 21, window. The train leaves at 10:37 from platform 11.'),
          text(
            '<table><tr><th>Coach</th><td>C</td></tr><tr><th>Seat</th><td>21, window</td></tr></table>',
            'html',
          ),
        ]),
        attachment(
          'application/pdf; name=ticket.pdf',
          ['Content-Disposition: attachment; filename=ticket.pdf; size=700'],
          onePagePdf('Edinburgh to Inverness, coach C, seat 21'),
        ),
      ]),
    }),
    letter(setting, {
      id: 'hotel',
      from: word('UTF-8', 'Q', 'Hôtel de la Gare') + ' <accueil@hotelgare.example>',
      subject: word('UTF-8', 'Q', 'Votre réservation à Besançon'),
      hoursAgo: 96,
      labels: ['Travel'],
      body: 'Bonjour,\n\nvotre chambre est réservée. Le petit déjeuner est servi dès 7 heures.\n\nÀ bientôt !',
    }),
    letter(setting, {
      id: 'recipe',
      from: 'Lee Chan <lee@friends.example>',
      subject: 'That soup',
      hoursAgo: 130,
      labels: ['INBOX'],
      body: 'Three onions, one hour, no hurry. Salt at the end.\n\n-- \nLee',
    }),
    letter(setting, {
      id: 'eight-bit-subject',
      // Octets of a program that never heard of RFC 2047.
      from: 'Caf\xe9 Central <cafe@central.example>',
      subject: encode('iso-8859-1', 'Heute: Käsekuchen').toString('latin1'),
      hoursAgo: 150,
      labels: ['INBOX', 'CATEGORY_PROMOTIONS'],
      body: textIn('iso-8859-1', 'Frisch aus dem Ofen: Käsekuchen, das Stück für wenig Geld.'),
    }),
    letter(setting, {
      id: 'poem',
      from: 'Ines <ines@poems.example>',
      subject: 'Lines with dots',
      hoursAgo: 190,
      labels: ['Familie'],
      body: '.\nA line that begins with a dot,\n..and one with two,\n.\nand then it stops.\nFrom here on it is prose.',
    }),
    letter(setting, {
      id: 'draft-letter',
      from: me,
      to: aunt,
      subject: word('UTF-8', 'Q', 'Rezept für Käsekuchen?'),
      hoursAgo: 4,
      labels: ['DRAFT'],
      body: 'Liebe Käthe,\n\n',
    }),
    letter(setting, {
      id: 'sent-cake',
      from: me,
      to: 'Sam Park <sam@friends.example>',
      subject: `Re: ${word('UTF-8', 'B', '🎂 Saturday, bring cake 🎈')}`,
      after: ['party'],
      hoursAgo: 25,
      labels: ['SENT'],
      body: 'Cake: yes. Somebody who sings: working on it.',
    }),
  ]
}
