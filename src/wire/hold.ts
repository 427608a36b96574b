/** Four of the largest messages that Gmail takes. */
export const messageMemoryBytes = 4 * 35 * 1024 * 1024

interface Waiting {
  readonly sizeBytes: number
  grant(): void
}

/** Gives room back: all of it, or all but so much. May be called again. */
export type GiveBack = (keepBytes?: number) => void

/** Room in memory for messages that are under way; who finds none waits for it, first come, first served. */
export class Hold {
  #freeBytes: number
  readonly #capacityBytes: number
  readonly #waiting: Waiting[] = []

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes
    this.#freeBytes = capacityBytes
  }

  /** Resolves with the way to give it back; rejects with the signal's reason. */
  take(sizeBytes: number, signal: AbortSignal): Promise<GiveBack> {
    const wanted = Math.min(sizeBytes, this.#capacityBytes)
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(signal.reason as Error)
        this.#serve()
      }
      let heldBytes = wanted
      const waiting: Waiting = {
        sizeBytes: wanted,
        grant: () => {
          signal.removeEventListener('abort', onAbort)
          resolve((keepBytes = 0) => {
            if (keepBytes >= heldBytes) return
            this.#freeBytes += heldBytes - keepBytes
            heldBytes = keepBytes
            this.#serve()
          })
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiting)
      this.#serve()
    })
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.sizeBytes > this.#freeBytes) return
      this.#waiting.shift()
      this.#freeBytes -= next.sizeBytes
      next.grant()
    }
  }
}
