import { guides } from '#web/clients/guides.ts'
import { guideText } from '#web/clients/plain-text.ts'
import type { MailServer } from '#web/house.ts'
import { Complaint } from './complaint.ts'
import { mailServers } from './doors.ts'
import { pageAccess } from './page-access.ts'
import { readConfig } from './settings.ts'
import type { Config, Port } from './settings.ts'
import { withOffice } from './with-office.ts'

/** `postern settings [CLIENT]`: how a mail program is set up with this installation; without a name, which there are. */
export async function clientSettings(client: string | undefined, email: string | undefined): Promise<void> {
  if (client === undefined) {
    for (const { name, title } of guides) process.stdout.write(`${name.padEnd(14)}${title}\n`)
    return
  }
  const guide = guides.find(({ name }) => name === client)
  if (guide === undefined)
    throw new Complaint(
      `There is no guide for ${client}. These are: ${guides.map(({ name }) => name).join(', ')}`,
    )
  const config = readConfig(process.env)
  const addresses = (await withOffice((office) => office.reports())).map(({ address }) => address)
  process.stdout.write(
    guideText(guide, {
      servers: serversOf(config),
      address: email ?? addresses[0] ?? 'you@gmail.com',
      url: config.webPort === 'off' ? '(the pages are switched off) ' : pageUrlOf(config),
      ownAuthority: config.tlsCert === undefined,
    }),
  )
}

/** Where a person opens the pages, as configured. */
function pageUrlOf(config: Config): string {
  const { host, isTls, publicUrl } = pageAccess(config)
  return publicUrl?.href ?? `${isTls ? 'https' : 'http'}://${host}:${config.webPort}/`
}

/** As configured. Throws Complaint where a port is chosen at each start. */
export function serversOf(config: Config): MailServer[] {
  const { host, imapPort, imapsPort, pop3Port, pop3sPort, smtpPort, smtpsPort } = config
  const door = (port: Port) => {
    if (port === 0)
      throw new Complaint(
        'The ports are chosen anew at each start (a POSTERN_…_PORT is 0): see the pages instead',
      )
    return port === 'off' ? undefined : { host, port }
  }
  const doors = {
    imap: door(imapPort),
    imaps: door(imapsPort),
    pop3: door(pop3Port),
    pop3s: door(pop3sPort),
    smtp: door(smtpPort),
    smtps: door(smtpsPort),
  }
  return mailServers(Object.fromEntries(Object.entries(doors).filter(([, one]) => one !== undefined)))
}
