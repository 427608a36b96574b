import type { Guide } from './guide.ts'
import { isHereOnly, outgoing, typed } from './place.ts'

const words = { tls: 'SSL/TLS', startTls: 'STARTTLS' }

export const outlook: Guide = {
  name: 'outlook',
  title: 'Outlook (classic)',
  runsOn: 'Windows: Outlook 2013 to 2024, LTSC, Microsoft 365',
  needs: 'IMAP',
  steps: (place) => [
    'Trust Postern’s certificate first (page “Certificate”): Outlook asks at every start otherwise.',
    'Open Control Panel, “Mail (Microsoft Outlook)”, “Email Accounts…”, “New…”. The assistant inside Outlook would lead to Google’s own sign-in for Gmail addresses.',
    'Choose “Manual setup or additional server types”, then “POP or IMAP”.',
    `Account type IMAP. Incoming mail server: ${typed(place, 'IMAP', words)}.`,
    outgoing(place, (server) => `Outgoing mail server (SMTP): ${server}.`, words),
    `User name ${place.address}, and a password made here. Leave “Require logon using Secure Password Authentication (SPA)” empty.`,
    ...(place.withheld?.includes('SMTP') === true
      ? [
          'Clear “Automatically test account settings when Next is clicked”, since its test message could not be sent. Ports and encryption are under “More Settings…”, “Advanced”. Press “Next”.',
        ]
      : [
          '“More Settings…”, “Outgoing Server”: tick “My outgoing server (SMTP) requires authentication” and “Use same settings as my incoming mail server”. Ports and encryption are under “Advanced”.',
          'Press “Next”; Outlook logs in and sends itself a test message.',
        ]),
  ],
  files: [{ path: 'autodiscover.xml', label: 'Autodiscover file for this mailbox' }],
  troubles: [
    [
      '“The server you are connected to is using a security certificate that cannot be verified”',
      'Install Postern’s authority on the page “Certificate”, then start Outlook anew.',
    ],
    [
      'Outlook goes on asking for the password',
      'It must be one that was made here, not the Google password. Check that SPA is off and the user name is the whole address.',
    ],
    [
      'Outlook opens Google’s sign-in page',
      'Use the way over the Control Panel above. An administrator can also point the registry value of the domain under HKEY_CURRENT_USER\\Software\\Microsoft\\Office\\16.0\\Outlook\\AutoDiscover to the autodiscover file below.',
    ],
    [
      'Sent mail appears twice',
      'It should not: Postern recognises the copy. In the account’s settings you may switch off “Save copies of sent items” all the same.',
    ],
  ],
}

export const newOutlook: Guide = {
  name: 'new-outlook',
  title: 'Outlook (new)',
  runsOn: 'Windows 10 and 11, “Outlook (new)”; Outlook for Mac, iOS and Android behave alike',
  needs: 'IMAP',
  caution: (place) =>
    isHereOnly(place)
      ? 'The new Outlook hands accounts of other providers, passwords included, to Microsoft’s cloud, which cannot reach this computer. It works only with a Postern that the internet can reach under a name with a public certificate. Use classic Outlook or Thunderbird here.'
      : 'The new Outlook hands accounts of other providers, passwords included, to Microsoft’s cloud. Make a password of its own for it, so that you can revoke it alone.',
  steps: (place) => [
    'Settings, Accounts, “Add account”; type the address and press “Continue”, then “Choose provider”, IMAP.',
    'Open “Show more”.',
    `IMAP: ${typed(place, 'IMAP')}.`,
    outgoing(place, (server) => `SMTP: ${server}.`),
    `User name ${place.address} and a password made here, for both.`,
  ],
  troubles: [
    [
      '“We couldn’t connect to the server”',
      'Microsoft’s cloud does not reach this Postern, or does not trust its certificate. There is no switch for it: use classic Outlook.',
    ],
  ],
}

export const windowsMail: Guide = {
  name: 'windows-mail',
  title: 'Windows Mail',
  runsOn: 'Windows 10 and 11 that still have it',
  needs: 'IMAP',
  caution: () =>
    'Microsoft ended Windows Mail on 31 December 2024: where an update reached it, it neither receives nor sends. Thunderbird and classic Outlook are the ways on.',
  steps: (place) => [
    'Trust Postern’s certificate first (page “Certificate”).',
    'Settings, “Manage accounts”, “Add account”, “Advanced setup”, “Internet email”.',
    `Address and user name ${place.address}, password made here, account type IMAP4.`,
    `Incoming server: ${typed(place, 'IMAP')} (written as host:port).`,
    outgoing(place, (server) => `Outgoing server: ${server}.`),
    'Tick all four boxes: authentication for outgoing mail, the same user name, and SSL for incoming and outgoing mail.',
  ],
  troubles: [
    [
      '“Untrusted certificate”',
      'Install Postern’s authority for this user (page “Certificate”) and try again.',
    ],
    [
      'It reaches no server at 127.0.0.1',
      'Store apps may not talk to their own computer until somebody allows it: CheckNetIsolation LoopbackExempt -a -n=microsoft.windowscommunicationsapps_8wekyb3d8bbwe in a terminal with administrator rights.',
    ],
  ],
}
