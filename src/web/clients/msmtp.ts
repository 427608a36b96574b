import type { Guide } from './guide.ts'
import { absence, serverFor } from './place.ts'
import { authorityFile, certificateTrouble, fetchAuthority, keepPassword } from './terminal.ts'

export const msmtp: Guide = {
  name: 'msmtp',
  title: 'msmtp',
  runsOn: 'a terminal; sends for mutt, git send-email, cron',
  needs: 'SMTP',
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
