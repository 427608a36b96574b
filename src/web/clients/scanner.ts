import type { Guide } from './guide.ts'
import { isHereOnly, typed } from './place.ts'

export const scanner: Guide = {
  name: 'scanner',
  title: 'A scanner or printer',
  runsOn: '“Scan to email” of a device in your network',
  needs: 'SMTP',
  caution: (place) =>
    isHereOnly(place)
      ? 'The device cannot reach 127.0.0.1 of this computer. Start Postern with POSTERN_HOST set to this computer’s address in your network; for devices without TLS see POSTERN_SCANNER_PORT and docs/scanners.md.'
      : undefined,
  steps: (place) => [
    'Make a password for the device here that opens SMTP alone.',
    'Open the device’s own page in a browser and look for “SMTP”, “Email” or “Scan to email”.',
    `SMTP server: ${typed(place, 'SMTP')}.`,
    `Sender and login name ${place.address}, authentication “Login” or “Plain”, the password made for it.`,
    'If the device can take a certificate, give it the authority from the page “Certificate”; otherwise switch its check of certificates off.',
    'Send a test from the device.',
  ],
  troubles: [
    [
      'The device knows no TLS, or only an old one',
      'Use the scanner port: POSTERN_SCANNER_PORT, POSTERN_SCANNER_SOURCES. docs/scanners.md tells the risk.',
    ],
    ['The sender is refused', 'The sender address must be the mailbox or a verified “Send mail as” address.'],
  ],
}
