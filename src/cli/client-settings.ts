import { hostname } from 'node:os'
import { isSameMailbox } from '#auth/same-mailbox.ts'
import { guides } from '#web/clients/guides.ts'
import { fitting, reachedAs, withheldFrom } from '#web/clients/place.ts'
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
  const { reports, running } = await withOffice(async (office) => ({
    reports: await office.reports(),
    running: await office.whereabouts(),
  }))
  const account = email === undefined ? reports[0] : reports.find((one) => isSameMailbox(one.address, email))
  // Who listens on every address is found by the name of this machine.
  const servers = reachedAs(running?.servers ?? serversOf(config), hostname())
  const url = running === null ? pageUrlOf(config) : running.pageUrl
  process.stdout.write(
    guideText(guide, {
      servers: fitting(servers, account),
      withheld: withheldFrom(account),
      address: account?.address ?? email ?? 'you@gmail.com',
      url: url ?? '(the pages are switched off) ',
      ownAuthority: config.tlsCert === undefined,
    }),
  )
}

/** Where a person opens the pages, as configured; undefined when they are switched off. */
function pageUrlOf(config: Config): string | undefined {
  if (config.webPort === 'off') return undefined
  const { host, isTls, publicUrl } = pageAccess(config)
  return publicUrl?.href ?? `${isTls ? 'https' : 'http'}://${host}:${config.webPort}/`
}

/** As configured. Throws Complaint where a port is chosen at each start. */
export function serversOf(config: Config): MailServer[] {
  const { host, imapPort, imapsPort, pop3Port, pop3sPort, smtpPort, smtpsPort } = config
  const door = (port: Port) => {
    if (port === 0)
      throw new Complaint(
        'The ports are chosen anew at each start (a POSTERN_…_PORT is 0): start Postern, then ask again',
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
