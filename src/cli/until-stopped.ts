import type { Log } from '#mail/surroundings.ts'

/** After this the process ends whatever is still open. */
const patienceMs = 9_500

/**
 * Waits for SIGTERM or SIGINT (Ctrl-C, also on Windows), then closes. A second signal ends the process at once; so does
 * patience that runs out. An error that nobody caught is logged and ends the process with code 70, so that a supervisor
 * starts a sound one.
 */
export async function untilStopped(log: Log, close: () => Promise<void>): Promise<void> {
  const signals = ['SIGTERM', 'SIGINT'] as const
  await new Promise<void>((resolve) => {
    const fatal = (error: unknown) => {
      log.error({ err: error }, 'Something that must not happen happened: stopping')
      process.exitCode = 70
      resolve()
    }
    process.on('uncaughtException', fatal)
    process.on('unhandledRejection', fatal)
    for (const signal of signals)
      process.once(signal, () => {
        log.info({ signal }, 'Stopping')
        resolve()
      })
  })
  for (const signal of signals) process.once(signal, () => process.exit(1))
  const forced = setTimeout(() => {
    log.error({}, 'Not everything could be closed in time')
    process.exit(process.exitCode ?? 1)
  }, patienceMs)
  forced.unref()
  try {
    await close()
    clearTimeout(forced)
  } catch (err) {
    log.error({ err }, 'Not everything could be closed')
    process.exitCode ??= 1
  }
}
