/**
 * The longest stride of the event loop in processor time: what a hold would be on a machine and a disk that nobody else
 * uses. Looks once a millisecond.
 */
export class Strides {
  #timer: NodeJS.Timeout | undefined
  #before = 0
  #longest = 0

  begin(): void {
    this.#longest = 0
    this.#before = spentMicroseconds()
    this.#timer = setInterval(() => this.#look(), 1)
  }

  /** Milliseconds. */
  end(): number {
    clearInterval(this.#timer)
    this.#look()
    return this.#longest / 1000
  }

  #look(): void {
    const now = spentMicroseconds()
    this.#longest = Math.max(this.#longest, now - this.#before)
    this.#before = now
  }
}

function spentMicroseconds(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}
