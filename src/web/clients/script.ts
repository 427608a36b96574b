import type { Guide, Snippet } from './guide.ts'
import type { Place } from './place.ts'
import { serverFor } from './place.ts'
import { authorityFile, certificateTrouble, fetchAuthority, keepPassword, url } from './terminal.ts'

function curl(place: Place, protocol: 'IMAP' | 'SMTP'): string {
  const authority = place.ownAuthority ? ` --cacert ${authorityFile}` : ''
  const isTls = serverFor(place, protocol)?.security === 'TLS'
  return `curl${authority}${isTls ? '' : ' --ssl-reqd'} --user "${place.address}:$(cat ~/.config/postern/password)"`
}

function readWithCurl(place: Place): Snippet {
  return {
    file: 'Read the newest message with curl',
    text: `${curl(place, 'IMAP')} '${url(place, 'IMAP', ['imaps', 'imap'])}/INBOX;MAILINDEX=*'\n`,
  }
}

function sendWithCurl(place: Place): Snippet {
  return {
    file: 'Send a file with curl',
    text: `${curl(place, 'SMTP')} --url '${url(place, 'SMTP', ['smtps', 'smtp'])}' --mail-from '${place.address}' --mail-rcpt someone@example.com --upload-file message.eml\n`,
  }
}

function listWithPython(place: Place): Snippet {
  const imap = serverFor(place, 'IMAP')
  return {
    file: 'List unread subjects with Python',
    text: [
      'import imaplib, os, ssl',
      '',
      `context = ssl.create_default_context(${place.ownAuthority ? `cafile=os.path.expanduser("${authorityFile}")` : ''})`,
      'password = open(os.path.expanduser("~/.config/postern/password")).read().strip()',
      ...(imap?.security === 'TLS'
        ? [`imap = imaplib.IMAP4_SSL("${imap.host}", ${imap.port}, ssl_context=context)`]
        : [`imap = imaplib.IMAP4("${imap?.host ?? ''}", ${imap?.port ?? 0})`, 'imap.starttls(context)']),
      `imap.login("${place.address}", password)`,
      'imap.select("INBOX", readonly=True)',
      'for uid in imap.uid("SEARCH", "UNSEEN")[1][0].split():',
      '    print(imap.uid("FETCH", uid, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0][1].decode())',
      'imap.logout()',
      '',
    ].join('\n'),
  }
}

export const script: Guide = {
  name: 'script',
  title: 'A script: curl or Python',
  runsOn: 'any system',
  steps: (place) => [...fetchAuthority(place), keepPassword, 'Take one of the examples.'],
  snippets(place) {
    const withheld = place.withheld ?? []
    return [
      ...(withheld.includes('IMAP') ? [] : [readWithCurl(place), listWithPython(place)]),
      ...(withheld.includes('SMTP') ? [] : [sendWithCurl(place)]),
    ]
  },
  troubles: [
    certificateTrouble,
    [
      'The login is refused',
      'The password must be one made here and must open the protocol that the script speaks.',
    ],
  ],
}
