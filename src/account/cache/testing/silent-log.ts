import type { Log } from '#mail/surroundings.ts'

/** Says nothing. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
}

/** Remembers what is said, as `warn: …`. */
export function rememberingLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = []
  const log: Log = {
    ...silentLog,
    info: (_, message) => lines.push(`info: ${message}`),
    warn: (_, message) => lines.push(`warn: ${message}`),
    error: (_, message) => lines.push(`error: ${message}`),
    child: () => log,
  }
  return { log, lines }
}
