import type { Log } from '#mail/surroundings.ts'

/** A log that keeps only what it warned of. */
export interface QuietLog extends Log {
  readonly warnings: string[]
}

export function newQuietLog(): QuietLog {
  const warnings: string[] = []
  const log: QuietLog = {
    warnings,
    debug() {},
    info() {},
    warn: (_fields, message) => void warnings.push(message),
    error: (_fields, message) => void warnings.push(message),
    child: () => log,
  }
  return log
}

export const quietLog: Log = newQuietLog()
