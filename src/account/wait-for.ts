/** Resolves with what `look` finds, now or after a wake; rejects with what it throws or with the signal's reason. */
export async function waitFor<T>(
  subscribe: (wake: () => void) => () => void,
  look: () => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted()
  const now = look()
  if (now !== undefined) return now
  return await new Promise<T>((resolve, reject) => {
    const finish = (settle: () => void) => {
      stop()
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const onAbort = () => finish(() => reject(signal.reason as Error))
    const stop = subscribe(() => {
      try {
        const found = look()
        if (found !== undefined) finish(() => resolve(found))
      } catch (error) {
        finish(() => reject(error))
      }
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
