import type { Guide } from './guide.ts'
import { certificateTrouble, fetchAuthority, authorityFile, keepPassword, url } from './terminal.ts'

export const mutt: Guide = {
  name: 'mutt',
  title: 'mutt and NeoMutt',
  runsOn: 'a terminal',
  needs: 'IMAP',
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
          ...(place.withheld?.includes('SMTP') === true
            ? []
            : [
                // Mutt knows no smtp_user; NeoMutt takes the name from here as well.
                `set smtp_url = "${url(place, 'SMTP', ['smtps', 'smtp']).replace('//', `//${encodeURIComponent(user)}@`)}/"`,
                'set smtp_pass = "`cat ~/.config/postern/password`"',
              ]),
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
