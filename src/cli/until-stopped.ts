import type { Log } from '#mail/surroundings.ts'

/** After this the process ends whatever is still open. */
const patienceMs = 9_500

/** Somebody wants the process to end. */
export interface Stop {
  /** Resolves with the first SIGTERM or SIGINT (Ctrl-C, also on Windows). */
  readonly asked: Promise<void>
  /** Asks for it without a signal. */
  ask(): void
  /** All is closed: the process ends by itself. */
  closed(): void
}

/**
 * Hears SIGTERM and SIGINT from now on, so call it before anybody is told that the process is ready. A second signal ends the
 * process at once; so does patience that runs out.
 */
export function listenForStop(log: Log): Stop {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  let forced: NodeJS.Timeout | undefined
  const ask = () => {
    forced ??= setTimeout(() => {
      log.error({}, 'Not everything could be closed in time')
      process.exit(process.exitCode ?? 1)
    }, patienceMs).unref()
    resolve()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (forced !== undefined) process.exit(1)
      log.info({ signal }, 'Stopping')
      ask()
    })
  return { asked, ask, closed: () => clearTimeout(forced) }
}

/**
 * Waits until the process shall stop, then closes. An error that nobody caught is logged and ends the process with code 70,
 * so that a supervisor starts a sound one.
 */
export async function untilStopped(log: Log, stop: Stop, close: () => Promise<void>): Promise<void> {
  const fatal = (error: unknown) => {
    log.error({ err: error }, 'Something that must not happen happened: stopping')
    process.exitCode = 70
    stop.ask()
  }
  process.on('uncaughtException', fatal)
  process.on('unhandledRejection', fatal)
  await stop.asked
  try {
    await close()
    stop.closed()
  } catch (err) {
    log.error({ err }, 'Not everything could be closed')
    process.exitCode ??= 1
  }
}
