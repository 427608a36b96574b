import { serverFor } from '../clients/place.ts'
import type { MailServer } from '../house.ts'
import { xml } from './xml.ts'

const outlookSchema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a'

/** The address that a client asks about; undefined for what is no such question. [MS-OXDSCLI] section 2.2.3. */
export function askedAddress(body: string): string | undefined {
  const address = /<(?:\w{1,20}:)?EMailAddress>\s*([^<>&\s]{1,320})\s*</.exec(body)?.[1]
  return address?.includes('@') === true ? address : undefined
}

/**
 * What Outlook is told. SPA is on unless it is said to be off, and port and encryption must be said twice.
 * [MS-OXDSCLI] section 2.2.4.
 */
export function autodiscoverXml(servers: readonly MailServer[], address: string): string {
  const found = (['IMAP', 'POP3', 'SMTP'] as const).flatMap(
    (protocol) => serverFor({ servers }, protocol) ?? [],
  )
  return xml`<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="${outlookSchema}">
    <User>
      <DisplayName>${address}</DisplayName>
    </User>
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${found.map((server) => protocolXml(server, address))}    </Account>
  </Response>
</Autodiscover>
`
}

function protocolXml({ protocol, host, port, security }: MailServer, address: string): string {
  const isSmtp = protocol === 'SMTP'
  return xml`      <Protocol>
        <Type>${protocol}</Type>
        <Server>${host}</Server>
        <Port>${port}</Port>
        <DomainRequired>off</DomainRequired>
        <LoginName>${address}</LoginName>
        <SPA>off</SPA>
        <SSL>${security === 'none' ? 'off' : 'on'}</SSL>
        <Encryption>${security === 'TLS' ? 'SSL' : security === 'STARTTLS' ? 'TLS' : 'None'}</Encryption>
        <AuthRequired>on</AuthRequired>
${isSmtp ? ['        <UsePOPAuth>on</UsePOPAuth>\n', '        <SMTPLast>off</SMTPLast>\n'] : []}      </Protocol>
`
}
