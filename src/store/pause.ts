import { setImmediate } from 'node:timers/promises'

/** Lets others have the event loop between two slices of long work. */
export function pause(): Promise<void> {
  return setImmediate()
}

/** The list in slices, with a pause between two. */
export async function* slices<T>(list: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) {
    if (at > 0) await pause()
    yield list.length <= size ? list : list.slice(at, at + size)
  }
}
