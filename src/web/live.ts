import type { FastifyReply, FastifyRequest } from 'fastify'

const tickMs = 1_000
const heartbeatMs = 15_000
const streamLimit = 20

/**
 * Server-sent events: what changed on the overview, as long as somebody looks. Nothing is sent while nothing changes, but
 * for a comment now and then that keeps proxies from hanging up. https://html.spec.whatwg.org/#server-sent-events
 */
export class LiveFeed {
  readonly #state: () => Promise<string>
  readonly #streams = new Map<FastifyReply, { isWelcome: () => boolean; last: string; sentAt: number }>()
  #timer: NodeJS.Timeout | undefined
  #isBusy = false

  /** `state` gives one line of JSON. */
  constructor(state: () => Promise<string>) {
    this.#state = state
  }

  /** False when too many look already. It ends when the person is not welcome any more. */
  open(request: FastifyRequest, reply: FastifyReply, isWelcome: () => boolean): boolean {
    if (this.#streams.size >= streamLimit) return false
    reply.hijack()
    const { raw } = reply
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
    raw.write('retry: 3000\n\n')
    this.#streams.set(reply, { isWelcome, last: '', sentAt: performance.now() })
    request.raw.on('close', () => this.#forget(reply))
    raw.on('error', () => this.#forget(reply))
    this.#timer ??= setInterval(() => void this.#tick(), tickMs).unref()
    return true
  }

  #forget(reply: FastifyReply): void {
    this.#streams.delete(reply)
    if (this.#streams.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #tick(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      const now = await this.#state()
      for (const [{ raw }, stream] of this.#streams) {
        if (!stream.isWelcome()) {
          raw.end()
          continue
        }
        // Who reads slowly gets the next state instead of all of them.
        if (raw.writableNeedDrain) continue
        const isNew = stream.last !== now
        if (!isNew && performance.now() - stream.sentAt < heartbeatMs) continue
        raw.write(isNew ? `data: ${now}\n\n` : ': \n\n')
        stream.last = now
        stream.sentAt = performance.now()
      }
    } catch {
      // The page itself says what is wrong when it is loaded.
    } finally {
      this.#isBusy = false
    }
  }
}
