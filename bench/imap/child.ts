import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Another process of the bench, which tells what it has to tell in lines. */
export class Child {
  /** The line that it said last. */
  said = ''
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(process: ChildProcess) {
    this.#process = process
    this.#ended = once(process, 'exit')
  }

  /** `module`: its `file:` URL. Resolves with its first line. Rejects when it ends before. */
  static async begin(module: string, ...args: readonly string[]): Promise<Child> {
    const spawned = spawn(process.execPath, [fileURLToPath(module), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const child = new Child(spawned)
    const lines = createInterface({ input: spawned.stdout })
    lines.on('line', (line) => {
      child.said = line
    })
    const first = await Promise.race([once(lines, 'line').then(() => true), child.#ended.then(() => false)])
    if (!first) throw new Error(`${module} ended`)
    return child
  }

  async end(): Promise<void> {
    this.#process.kill()
    await this.#ended
  }
}
