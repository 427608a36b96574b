import { systemClock } from '#mail/surroundings.ts'
import { uncounted } from '#metrics/uncounted.ts'
import { openHouse } from '../house.ts'
import type { House } from '../house.ts'
import { createLog } from '../log.ts'
import { createOffice } from '../office.ts'
import type { Office } from '../office.ts'
import type { Config } from '../settings.ts'
import { remedyOf } from '../store-remedy.ts'
import type { Look } from './finding.ts'

/** What the Postern that runs says of its accounts. */
export async function lookAtRunning(office: Office, look: Look): Promise<void> {
  for (const { address, alert, phase, messages } of await office.reports())
    await look(address, async () => {
      const fault = alert ?? (await office.checkGrant(address))
      if (fault !== null) throw new Error(fault)
      return `Google accepts the grant; ${phase}, ${messages} messages`
    })
}

/** The store and the grants of a Postern that does not run. */
export async function lookAtHouse(config: Config, look: Look): Promise<void> {
  let house: House | undefined
  await look('store', async () => {
    house = await openHouse(config, {
      clock: systemClock,
      log: createLog('silent'),
      count: uncounted,
      pageUrl: () => undefined,
    })
    const faults = await house.store.check()
    if (faults.length > 0) throw new Error(`${faults.join('; ')}. ${remedyOf(config)}`)
    return 'is sound'
  })
  if (house === undefined) return
  try {
    const rows = await house.store.accounts()
    if (rows.length === 0) await look('accounts', async () => 'none is connected yet')
    const office = createOffice(house)
    for (const { address } of rows)
      await look(address, async () => {
        const fault = await office.checkGrant(address)
        if (fault !== null) throw new Error(fault)
        return 'Google accepts the grant'
      })
  } finally {
    await house.close()
  }
}
