import type { FailureKind } from './failure.ts'

/** Watches one call from the wish to its end, with all the requests that it takes. */
export interface CallWatch {
  /** One request was answered, or came to nothing. `status`: undefined without an answer. */
  answered(outcome: 'ok' | FailureKind, ms: number, status: number | undefined): void
  /** Somebody else wants the same, and waits for this call; told in whoever's turn that is. */
  shared(): void
  /** `error`: undefined when it succeeded. */
  ended(error?: unknown): void
}

/** Gives what the call gives, and tells its end. */
export async function watched<T>(call: Promise<T>, watch: CallWatch): Promise<T> {
  try {
    const result = await call
    watch.ended()
    return result
  } catch (error) {
    watch.ended(error)
    throw error
  }
}
