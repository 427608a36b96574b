/** What every room is handed instead of reaching for it: time, randomness, a log, a seal. */

/** Time. Durations are measured by `monotonicMs`, which never jumps; `now` is only for what people read. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Milliseconds since some fixed moment; never goes back. */
  monotonicMs(): number
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Fills a buffer with random octets fit for secrets. */
export type RandomBytes = (sizeBytes: number) => Buffer

type LogMethod = (fields: object, message: string) => void

/** Structured log lines; pino's Logger is one. Message text, tokens and passwords never go in. */
export interface Log {
  debug: LogMethod
  info: LogMethod
  warn: LogMethod
  error: LogMethod
  child(bindings: Record<string, unknown>): Log
}

/**
 * Authenticated encryption at rest (AES-256-GCM). `purpose` names what is sealed and whose it is; opening under
 * another purpose fails.
 */
export interface Seal {
  seal(plain: Uint8Array, purpose: string): Buffer
  /** Throws SealError when the octets were changed, cut, or sealed under another key or purpose. */
  open(sealed: Uint8Array, purpose: string): Buffer
  /**
   * As `open`, but the plain octets are put at the beginning of `room`, and what is given is that part of it. When it
   * throws, what is in the room is worth nothing. Throws RangeError when the room is too small.
   */
  openInto(sealed: Uint8Array, purpose: string, room: Buffer): Buffer
}

/** What was sealed cannot be opened. Never the same as empty. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason as Error)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  },
}
