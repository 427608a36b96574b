import { startPostern } from '../postern.ts'
import type { Ready, Running } from '../postern.ts'
import type { Served } from '../serve.ts'

/** A bridge that is killed and started again on the same data folder, while its clients go on trying. */
export class Restarts {
  readonly #environment: Record<string, string>
  #running: Promise<Running>

  constructor({ bridge, environment }: Pick<Served, 'bridge' | 'environment'>) {
    this.#environment = environment
    this.#running = Promise.resolve(bridge)
  }

  /** The one that runs, or the next one as soon as it does. */
  async running(): Promise<Running> {
    return this.#running
  }

  async ready(): Promise<Ready> {
    return (await this.#running).ready
  }

  /** Ends it as a power cut does, and starts the next. */
  async kill(): Promise<void> {
    await this.#again((running) => running.kill())
  }

  /** Ends it as an operator does; gives the exit code. */
  async stop(): Promise<number | null> {
    return this.#again((running) => running.stop())
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    await (await this.#running).stop()
  }

  async #again<T>(end: (running: Running) => Promise<T>): Promise<T> {
    const running = await this.#running
    const ending = end(running)
    this.#running = ending.then(() => startPostern(['serve'], this.#environment))
    await this.#running
    return ending
  }
}
