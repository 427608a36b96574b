import { systemClock } from '#mail/surroundings.ts'
import { startBridge } from './bridge.ts'
import { createLog } from './log.ts'
import { printReady } from './ready.ts'
import { readConfig } from './settings.ts'
import { tellOfUnknown, unknownSettings } from './unknown-settings.ts'
import { listenForStop, untilStopped } from './until-stopped.ts'

/** `postern serve`: the bridge until it is told to stop. */
export async function serve({ json }: { json?: boolean }): Promise<void> {
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  for (const unknown of unknownSettings(process.env)) log.warn({}, tellOfUnknown(unknown))
  const bridge = await startBridge(config, { clock: systemClock, log })
  const stop = listenForStop(log)
  if (json === true) printReady(bridge.ready)
  else {
    const { ready } = bridge
    for (const [name, door] of Object.entries(ready)) log.info(door as object, `${name} listens`)
    if (bridge.house.accounts.reports().length === 0)
      log.info({}, 'No account is connected yet: open the page, or run postern account add')
    if (bridge.entryUrl !== undefined && process.stdout.isTTY) process.stdout.write(`${bridge.entryUrl}\n`)
  }
  await untilStopped(log, stop, () => bridge.close())
}
