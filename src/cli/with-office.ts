import { systemClock } from '#mail/surroundings.ts'
import { uncounted } from '#metrics/uncounted.ts'
import { openHouse } from './house.ts'
import { createLog } from './log.ts'
import { createOffice } from './office.ts'
import type { Office } from './office.ts'
import { runningOffice } from './office-line.ts'
import { readConfig } from './settings.ts'

/** Does one piece of work with the office of the Postern that runs, or opens the house for as long as it takes. */
export async function withOffice<T>(work: (office: Office) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  const running = await runningOffice(config.dataDir)
  if (running !== undefined) return work(running)
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel)
  const house = await openHouse(config, {
    clock: systemClock,
    log,
    count: uncounted,
    pageUrl: () => undefined,
  })
  try {
    await house.start()
    return await work(createOffice(house))
  } finally {
    await house.close()
  }
}
