import type { Guide } from './guide.ts'
import { isHereOnly, isPageHereOnly, outgoing, typed } from './place.ts'

const profile = { path: 'postern.mobileconfig', label: 'Profile for this mailbox (.mobileconfig)' }

export const appleMail: Guide = {
  name: 'apple-mail',
  title: 'Apple Mail',
  runsOn: 'macOS',
  needs: 'IMAP',
  steps: (place) => [
    'Download the profile below. It holds the servers, your address and Postern’s authority, and no password.',
    'Open it; then System Settings, “General”, “Device Management”, choose the profile and press “Install…”.',
    `macOS asks for the password of ${place.address}: one that was made here.`,
    `By hand instead: Mail, “Add Account…”, “Other Mail Account…”. Incoming: ${typed(place, 'IMAP')}. ${outgoing(place, (server) => `Outgoing: ${server}.`)} Then clear “Automatically manage connection settings” for both servers.`,
  ],
  files: [profile],
  troubles: [
    [
      '“Cannot verify the identity of the server”',
      'Install the profile, or trust the authority in the keychain (page “Certificate”). Apple Mail saves no account with an unknown certificate.',
    ],
    [
      '“Unable to verify account name or password”',
      'macOS says so for every fault. Check ports and encryption first, then the password.',
    ],
    [
      'Sending asks for a server after a while',
      'Clear “Automatically manage connection settings”: it tries port 25 and forgets what was set.',
    ],
  ],
}

export const ios: Guide = {
  name: 'ios',
  title: 'iPhone and iPad',
  runsOn: 'iOS, iPadOS',
  needs: 'IMAP',
  caution: (place) =>
    isHereOnly(place)
      ? 'A phone cannot reach 127.0.0.1 of this computer. Start Postern with POSTERN_HOST set to this computer’s address in your network, or reach it through a VPN; then open this page again.'
      : undefined,
  codes: (place) =>
    isPageHereOnly(place)
      ? []
      : [
          {
            title: 'This page, on the phone',
            words: 'Point the camera at it and open the address in Safari: the profile is there to download.',
            text: `${place.url}clients/ios?${new URLSearchParams({ account: place.address }).toString()}`,
          },
        ],
  steps: (place) => [
    'Open this page on the phone in Safari and download the profile below.',
    'Settings, “Profile Downloaded”, “Install”. It holds the servers, your address and Postern’s authority, and no password.',
    'Settings, “General”, “About”, “Certificate Trust Settings”: switch full trust on for Postern.',
    `The phone asks for the password of ${place.address}: one that was made here.`,
    `By hand instead: Settings, “Apps”, “Mail”, “Mail Accounts”, “Add Account”, “Other”. IMAP: ${typed(place, 'IMAP')}. ${outgoing(place, (server) => `SMTP: ${server}.`)}`,
  ],
  files: [profile],
  troubles: [
    [
      '“Cannot Connect Using SSL”',
      'Press “Cancel”, not “Continue”, and switch full trust on for Postern’s authority as above.',
    ],
    [
      'New mail comes late',
      'iOS asks for mail of such accounts at intervals: Settings, “Mail Accounts”, “Fetch New Data”.',
    ],
  ],
}
