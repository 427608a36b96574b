import type { Guide } from './guide.ts'
import { absence, serverFor } from './place.ts'
import { authorityFile, certificateTrouble, fetchAuthority, keepPassword } from './terminal.ts'

/** mbsync holds a certificate against names alone, never against addresses; ours names both. */
function named(host: string): string {
  return host === '127.0.0.1' || host === '::1' ? 'localhost' : host
}

export const mbsync: Guide = {
  name: 'mbsync',
  title: 'mbsync (isync)',
  runsOn: 'a terminal; a Maildir that follows the mailbox',
  needs: 'IMAP',
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
