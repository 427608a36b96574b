import { createHash, X509Certificate } from 'node:crypto'
import { serverFor } from '../clients/place.ts'
import type { MailServer } from '../house.ts'
import { xml } from './xml.ts'

/**
 * A configuration profile for macOS, iOS and iPadOS: one mail account, and our authority when there is one. Without a
 * password: the system asks for it. Apple's Device Management reference, `Mail` and `CertificateRoot`. The identifiers
 * follow from the content, so that installing it again replaces it. Undefined without IMAP.
 */
export function mobileconfig(options: {
  servers: readonly MailServer[]
  address: string
  /** PEM. */
  authority: string | undefined
}): string | undefined {
  const { address, authority } = options
  const imap = serverFor(options, 'IMAP')
  const smtp = serverFor(options, 'SMTP') ?? imap
  if (imap === undefined || smtp === undefined) return undefined
  const payloads = [
    mailPayload(imap, smtp, address),
    ...(authority === undefined ? [] : [rootPayload(authority)]),
  ]
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>postern.${digest(address).slice(0, 16)}</string>
  <key>PayloadUUID</key><string>${uuid(`profile ${address}`)}</string>
  <key>PayloadDisplayName</key><string>Postern: ${address}</string>
  <key>PayloadDescription</key><string>Mail of ${address} through Postern. Holds no password.</string>
  <key>PayloadOrganization</key><string>Postern</string>
  <key>PayloadRemovalDisallowed</key><false/>
  <key>PayloadContent</key>
  <array>
${payloads}  </array>
</dict>
</plist>
`
}

function mailPayload(imap: MailServer, smtp: MailServer, address: string): string {
  return xml`    <dict>
      <key>PayloadType</key><string>com.apple.mail.managed</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>postern.${digest(address).slice(0, 16)}.mail</string>
      <key>PayloadUUID</key><string>${uuid(`mail ${address}`)}</string>
      <key>PayloadDisplayName</key><string>${address}</string>
      <key>EmailAccountType</key><string>EmailTypeIMAP</string>
      <key>EmailAccountDescription</key><string>${address}</string>
      <key>EmailAddress</key><string>${address}</string>
${[serverXml('Incoming', imap, address), serverXml('Outgoing', smtp, address)]}      <key>OutgoingPasswordSameAsIncomingPassword</key><true/>
    </dict>
`
}

function serverXml(
  way: 'Incoming' | 'Outgoing',
  { host, port, security }: MailServer,
  address: string,
): string {
  return xml`      <key>${way}MailServerHostName</key><string>${host}</string>
      <key>${way}MailServerPortNumber</key><integer>${port}</integer>
      <key>${way}MailServerUseSSL</key>${[security === 'none' ? '<false/>' : '<true/>']}
      <key>${way}MailServerAuthentication</key><string>EmailAuthPassword</string>
      <key>${way}MailServerUsername</key><string>${address}</string>
`
}

function rootPayload(authority: string): string {
  const der = new X509Certificate(authority).raw.toString('base64')
  return xml`    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>postern.authority.${digest(der).slice(0, 16)}</string>
      <key>PayloadUUID</key><string>${uuid(`authority ${der}`)}</string>
      <key>PayloadDisplayName</key><string>Postern’s certificate authority</string>
      <key>PayloadCertificateFileName</key><string>postern.cer</string>
      <key>PayloadContent</key><data>${der}</data>
    </dict>
`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Version 8: of our own making. RFC 9562 section 5.8. */
function uuid(text: string): string {
  const hex = digest(text)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`.toUpperCase()
}
