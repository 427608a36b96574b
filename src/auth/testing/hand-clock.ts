import type { Clock, Log } from '#mail/surroundings.ts'

/** Time that moves only when told to. */
export class HandClock implements Clock {
  #ms = 1_000_000

  advance(ms: number): void {
    this.#ms += ms
  }

  now(): number {
    return Date.UTC(2026, 0, 1) + this.#ms
  }

  monotonicMs(): number {
    return this.#ms
  }

  sleep(): Promise<void> {
    throw new Error('Nothing here sleeps')
  }
}

/** Keeps what was logged. */
export function bookLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const write = (fields: object, message: string) => {
    lines.push(`${message} ${describe(fields)}`)
  }
  const log = { lines, debug: write, info: write, warn: write, error: write, child: () => log }
  return log
}

/** As a log writer does it: errors with their text and causes. */
function describe(fields: object): string {
  return JSON.stringify(fields, (_key, value: unknown) =>
    value instanceof Error
      ? Object.assign({}, value, { message: value.message, stack: value.stack, cause: value.cause })
      : value,
  )
}
