import { once } from 'node:events'
import type { Running } from '../postern.ts'

/** Lets the process be looked into while it runs, by Node's own inspector on any free port of loopback. */
export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' }

/** Told once, at the start; of a long log only the end is kept. */
const addresses = new WeakMap<Running, string>()

interface Reply {
  readonly id: number
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

/**
 * Looks into a process that was started with `inspected`, and changes it: the program under test stays as it is shipped,
 * nothing of it knows of tests. https://chromedevtools.github.io/devtools-protocol/v8/
 */
export class Inspector {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>()
  #last = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(String(data)) as Reply
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result ?? {})
      else waiting?.reject(new Error(error.message))
    })
    socket.addEventListener('close', () => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error('the process has ended'))
    })
  }

  /** Let go of it before the process is told to end: it would wait for that. */
  static async open(running: Running): Promise<Inspector> {
    const url = addresses.get(running) ?? /Debugger listening on (ws:\S+)/.exec(running.log())?.[1]
    if (url === undefined) throw new Error('the process was not started to be inspected')
    addresses.set(running, url)
    const socket = new WebSocket(url)
    const inspector = new Inspector(socket)
    await once(socket, 'open')
    return inspector
  }

  /** The value of an expression in its global scope, as JSON can carry it. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#ask('Runtime.evaluate', {
      expression,
      returnByValue: true,
    })
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value?: unknown }).value
  }

  /** Octets in use after a full collection. */
  async heapBytes(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage')
    const { usedSize } = await this.#ask('Runtime.getHeapUsage')
    return Number(usedSize)
  }

  /**
   * The clock on the wall is set: everything in the process that asks for the time of day hears another from now on, counted
   * from the true one. Timers and `performance.now` go on undisturbed, as they do when the clock of a machine is set.
   */
  async setClock(aheadMs: number): Promise<void> {
    await this.evaluate(`{
      const Real = globalThis.RealDate ??= Date
      const now = () => Real.now() + ${aheadMs}
      globalThis.Date = class Date extends Real {
        constructor(...args) { super(...(args.length === 0 ? [now()] : args)) }
        static now() { return now() }
      }
    }`)
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }

  #ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last
    const answer = Promise.withResolvers<Record<string, unknown>>()
    this.#waiting.set(id, answer)
    this.#socket.send(JSON.stringify({ id, method, params }))
    return answer.promise
  }
}
