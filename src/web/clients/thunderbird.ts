import type { Guide } from './guide.ts'
import { isHereOnly, isPageHereOnly, outgoing, typed } from './place.ts'
import { thunderbirdMobileAccount } from './thunderbird-mobile.ts'

export const thunderbird: Guide = {
  name: 'thunderbird',
  title: 'Thunderbird',
  runsOn: 'Windows, macOS, Linux',
  needs: 'IMAP',
  steps: (place) => [
    'Trust Postern’s authority in Thunderbird: Settings, “Privacy & Security”, “Manage Certificates…”, “Authorities”, “Import…”, and tick “identify websites”. The file is on the page “Certificate”.',
    'Account Settings, “Account Actions”, “Add Mail Account…”. Type your name, the address and a password made here.',
    'Press “Configure manually”: for Gmail addresses Thunderbird would otherwise take Google’s own servers.',
    `Incoming: IMAP, ${typed(place, 'IMAP')}, authentication “Normal password”, user name ${place.address}.`,
    outgoing(
      place,
      (server) => `Outgoing: ${server}, authentication “Normal password”, user name ${place.address}.`,
    ),
    'Press “Re-test”, then “Done”.',
  ],
  files: [{ path: 'isp.xml', label: 'Autoconfig file for the isp folder of Thunderbird’s program folder' }],
  troubles: [
    [
      '“Unable to log in at server”',
      'Use a password made here, not the Google one, and “Normal password”, not OAuth2.',
    ],
    [
      '“Add Security Exception” appears',
      'The authority is not imported yet. Confirming the exception works too, once for each port.',
    ],
    [
      'Thunderbird insists on imap.gmail.com',
      'Put the autoconfig file below into the folder “isp” beside the program (its name stays the domain’s): it is asked before everything else.',
    ],
  ],
}

export const k9: Guide = {
  name: 'k9',
  title: 'K-9 Mail and Thunderbird for Android',
  runsOn: 'Android',
  needs: 'IMAP',
  caution: (place) =>
    isHereOnly(place)
      ? 'A phone cannot reach 127.0.0.1 of this computer. Start Postern with POSTERN_HOST set to this computer’s address in your network, or reach it through a VPN; then open this page again.'
      : undefined,
  codes(place) {
    const account = isHereOnly(place) ? undefined : thunderbirdMobileAccount(place)
    return [
      ...(account === undefined
        ? []
        : [
            {
              title: 'The account, for the app',
              words:
                'In Thunderbird or K-9: “Import settings” (on the first screen, or under Settings), “Scan QR code”. It sets servers and user name; the app then asks for the password.',
              text: account,
            },
          ]),
      ...(isPageHereOnly(place)
        ? []
        : [
            {
              title: 'This page, on the phone',
              words: 'Point the camera at it to have the values at hand.',
              text: `${place.url}clients/k9?${new URLSearchParams({ account: place.address }).toString()}`,
            },
          ]),
    ]
  },
  steps: (place) => [
    ...(isHereOnly(place) || thunderbirdMobileAccount(place) === undefined
      ? []
      : ['Let the app read the first code below, and go on with the fingerprint. Or by hand:']),
    'Add account, type the address, then “Edit configuration” (or “Manual setup”), IMAP.',
    `Incoming: ${typed(place, 'IMAP')}, authentication “Normal password”, user name ${place.address}, password made here.`,
    outgoing(place, (server) => `Outgoing: ${server}, “Require sign-in”, the same user name and password.`),
    'Compare the fingerprint that the app shows with the one on the page “Certificate”, then accept.',
  ],
  troubles: [
    [
      '“Invalid server certificate”',
      'Compare the fingerprint and press “Accept key”, or install the authority: Android Settings, “Security”, “Encryption & credentials”, “Install a certificate”, “CA certificate”.',
    ],
    ['New mail comes late', 'Switch “Push” on for the Inbox in the account’s settings.'],
  ],
}
