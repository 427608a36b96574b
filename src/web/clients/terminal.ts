import type { Guide } from './guide.ts'
import type { Place } from './place.ts'
import { absence, serverFor } from './place.ts'

const authorityFile = '~/.config/postern/authority.pem'

function url(place: Place, protocol: 'IMAP' | 'SMTP', schemes: readonly [string, string]): string {
  const server = serverFor(place, protocol)
  if (server === undefined) return `(${absence(place, protocol)})`
  const host = server.host.includes(':') ? `[${server.host}]` : server.host
  return `${server.security === 'TLS' ? schemes[0] : schemes[1]}://${host}:${server.port}`
}

/** How the authority gets to where the programs look for it; empty for a certificate that they trust anyway. */
function fetchAuthority({ ownAuthority, url: page }: Place): string[] {
  return ownAuthority
    ? [
        `Fetch Postern’s authority once: mkdir -p ~/.config/postern && curl -o ${authorityFile} ${page}trust/authority.pem`,
      ]
    : []
}

const keepPassword =
  'Make a password for it here and put it into a file that only you can read: install -m 600 /dev/stdin ~/.config/postern/password'

const certificateTrouble = [
  'The certificate is not accepted',
  'Fetch the authority anew as above: it changes when Postern’s data folder was made anew or it listens under another name.',
] as const

export const mutt: Guide = {
  name: 'mutt',
  title: 'mutt and NeoMutt',
  runsOn: 'a terminal',
  steps: (place) => [...fetchAuthority(place), keepPassword, 'Add the lines below to the configuration.'],
  snippets: (place) => {
    const user = place.address
    return [
      {
        file: '~/.config/neomutt/neomuttrc or ~/.muttrc',
        text: [
          `set from = "${user}"`,
          `set imap_user = "${user}"`,
          'set imap_pass = "`cat ~/.config/postern/password`"',
          `set folder = "${url(place, 'IMAP', ['imaps', 'imap'])}/"`,
          'set spoolfile = "+INBOX"',
          'set postponed = "+[Gmail]/Drafts"',
          'set trash = "+[Gmail]/Trash"',
          'unset record  # Gmail files what is sent',
          // Mutt knows no smtp_user; NeoMutt takes the name from here as well.
          `set smtp_url = "${url(place, 'SMTP', ['smtps', 'smtp']).replace('//', `//${encodeURIComponent(user)}@`)}/"`,
          'set smtp_pass = "`cat ~/.config/postern/password`"',
          'set ssl_force_tls = yes',
          'set imap_idle = yes',
          ...(place.ownAuthority ? [`set certificate_file = "${authorityFile}"`] : []),
          '',
        ].join('\n'),
      },
    ]
  },
  troubles: [certificateTrouble],
}

/** mbsync holds a certificate against names alone, never against addresses; ours names both. */
function named(host: string): string {
  return host === '127.0.0.1' || host === '::1' ? 'localhost' : host
}

export const mbsync: Guide = {
  name: 'mbsync',
  title: 'mbsync (isync)',
  runsOn: 'a terminal; a Maildir that follows the mailbox',
  steps: (place) => [
    ...fetchAuthority(place),
    keepPassword,
    'Write the configuration below, then run mbsync -a.',
  ],
  snippets: (place) => {
    const server = serverFor(place, 'IMAP')
    return [
      {
        file: '~/.mbsyncrc',
        text: [
          'IMAPAccount postern',
          `Host ${server === undefined ? `(${absence(place, 'IMAP')})` : named(server.host)}`,
          `Port ${server?.port ?? ''}`,
          `User ${place.address}`,
          'PassCmd "cat ~/.config/postern/password"',
          `SSLType ${server?.security === 'TLS' ? 'IMAPS' : 'STARTTLS'}`,
          ...(place.ownAuthority ? [`CertificateFile ${authorityFile}`] : []),
          '',
          'IMAPStore postern-remote',
          'Account postern',
          '',
          'MaildirStore postern-local',
          'SubFolders Verbatim',
          'Path ~/Mail/',
          'Inbox ~/Mail/INBOX',
          '',
          'Channel postern',
          'Far :postern-remote:',
          'Near :postern-local:',
          'Patterns * ![Gmail]* "[Gmail]/Sent Mail" "[Gmail]/Drafts" "[Gmail]/Trash"',
          'Create Both',
          'Expunge Both',
          'SyncState *',
          '',
        ].join('\n'),
      },
    ]
  },
  troubles: [
    certificateTrouble,
    [
      '“SSLType is deprecated”',
      'A notice of isync 1.5 and later, which call it TLSType. Older ones know SSLType alone; both take it.',
    ],
    [
      'Every message comes twice',
      'Leave [Gmail]/All Mail out, as the patterns above do: each message is in it once more.',
    ],
  ],
}

export const msmtp: Guide = {
  name: 'msmtp',
  title: 'msmtp',
  runsOn: 'a terminal; sends for mutt, git send-email, cron',
  steps: (place) => [...fetchAuthority(place), keepPassword, 'Write the configuration below with mode 600.'],
  snippets: (place) => {
    const server = serverFor(place, 'SMTP')
    return [
      {
        file: '~/.msmtprc',
        text: [
          'defaults',
          'auth on',
          'tls on',
          `tls_starttls ${server?.security === 'TLS' ? 'off' : 'on'}`,
          ...(place.ownAuthority ? [`tls_trust_file ${authorityFile}`] : []),
          '',
          'account postern',
          `host ${server?.host ?? `(${absence(place, 'SMTP')})`}`,
          `port ${server?.port ?? ''}`,
          `from ${place.address}`,
          `user ${place.address}`,
          'passwordeval "cat ~/.config/postern/password"',
          '',
          'account default : postern',
          '',
        ].join('\n'),
      },
    ]
  },
  troubles: [
    certificateTrouble,
    [
      '“553” or “550” about the sender',
      'The From address must be the mailbox or one that Gmail has verified under “Send mail as”.',
    ],
  ],
}

export const script: Guide = {
  name: 'script',
  title: 'A script: curl or Python',
  runsOn: 'any system',
  steps: (place) => [...fetchAuthority(place), keepPassword, 'Take one of the examples.'],
  snippets: (place) => {
    const cacert = place.ownAuthority ? ` --cacert ${authorityFile}` : ''
    const login = `--user "${place.address}:$(cat ~/.config/postern/password)"`
    const imap = serverFor(place, 'IMAP')
    const isTls = imap?.security === 'TLS'
    const starttls = isTls ? '' : ' --ssl-reqd'
    return [
      {
        file: 'Read the newest message with curl',
        text: `curl${cacert}${starttls} ${login} '${url(place, 'IMAP', ['imaps', 'imap'])}/INBOX;MAILINDEX=*'\n`,
      },
      {
        file: 'Send a file with curl',
        text: `curl${cacert}${serverFor(place, 'SMTP')?.security === 'TLS' ? '' : ' --ssl-reqd'} ${login} --url '${url(place, 'SMTP', ['smtps', 'smtp'])}' --mail-from '${place.address}' --mail-rcpt someone@example.com --upload-file message.eml\n`,
      },
      {
        file: 'List unread subjects with Python',
        text: [
          'import imaplib, os, ssl',
          '',
          `context = ssl.create_default_context(${place.ownAuthority ? `cafile=os.path.expanduser("${authorityFile}")` : ''})`,
          'password = open(os.path.expanduser("~/.config/postern/password")).read().strip()',
          ...(isTls
            ? [`imap = imaplib.IMAP4_SSL("${imap?.host}", ${imap?.port}, ssl_context=context)`]
            : [`imap = imaplib.IMAP4("${imap?.host ?? ''}", ${imap?.port ?? 0})`, 'imap.starttls(context)']),
          `imap.login("${place.address}", password)`,
          'imap.select("INBOX", readonly=True)',
          'for uid in imap.uid("SEARCH", "UNSEEN")[1][0].split():',
          '    print(imap.uid("FETCH", uid, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0][1].decode())',
          'imap.logout()',
          '',
        ].join('\n'),
      },
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
