import type { Readiness } from '#metrics/port.ts'
import type { House } from './house.ts'
import type { Door } from './ready.ts'
import type { Config } from './settings.ts'

/**
 * Whether mail clients can be served: the doors listen, the store can be written, and some account is usable. One account that somebody must connect
 * again does not take the others away; `reason` and `/metrics` tell of it. Accounts are told by their numbers.
 */
export async function readinessOf(
  house: House,
  doors: Readonly<Record<string, Door | undefined>>,
  config: Config,
): Promise<Readiness> {
  const missing = Object.entries({
    imap: config.imapPort,
    imaps: config.imapsPort,
    pop3: config.pop3Port,
    pop3s: config.pop3sPort,
    smtp: config.smtpPort,
    smtps: config.smtpsPort,
  }).flatMap(([name, port]) => (port !== 'off' && doors[name] === undefined ? [name] : []))
  if (missing.length > 0) return { ready: false, reason: `not listening yet: ${missing.join(', ')}` }
  const writeFault = await house.store.writeFault()
  if (writeFault !== undefined) return { ready: false, reason: writeFault }
  const reports = house.accounts.reports()
  const broken = reports.filter(({ alert }) => alert !== undefined)
  if (broken.length === 0) return { ready: true }
  return {
    ready: broken.length < reports.length,
    reason: `must be connected again: account ${broken.map(({ id }) => id).join(', ')} (postern account list)`,
  }
}
