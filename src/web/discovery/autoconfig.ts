import type { MailServer } from '../house.ts'
import { xml } from './xml.ts'

/**
 * What Thunderbird, K-9, Evolution and KMail ask for. https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat.
 * `domain` is that of the mailbox. %EMAILADDRESS% is filled in by the program.
 */
export function autoconfigXml(servers: readonly MailServer[], domain: string): string {
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${domain}">
    <domain>${domain}</domain>
    <displayName>Postern (${domain})</displayName>
    <displayShortName>Postern</displayShortName>
${servers.filter(({ protocol }) => protocol !== 'SMTP').map((server) => incoming(server))}${servers
    .filter(({ protocol }) => protocol === 'SMTP')
    .map((server) => outgoing(server))}  </emailProvider>
</clientConfig>
`
}

const incoming = (server: MailServer) => xml`    <incomingServer type="${server.protocol.toLowerCase()}">
${[common(server)]}    </incomingServer>
`

const outgoing = (server: MailServer) => xml`    <outgoingServer type="smtp">
${[common(server)]}    </outgoingServer>
`

function common({ host, port, security }: MailServer): string {
  const socketType = security === 'TLS' ? 'SSL' : security === 'STARTTLS' ? 'STARTTLS' : 'plain'
  return xml`      <hostname>${host}</hostname>
      <port>${port}</port>
      <socketType>${socketType}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
`
}
