import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Clock, Log } from '#mail/surroundings.ts'

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0]

const complaintEveryMs = 10 * 60_000
/** ExportResultCode.SUCCESS of a package that is not ours to import. */
const success = 0

/** Says in the log when spans are lost, once in ten minutes, and when they arrive again. The library itself is silent. */
export class ComplainingExporter implements SpanExporter {
  readonly #exporter: SpanExporter
  readonly #clock: Clock
  readonly #log: Log
  #complainedMs: number | undefined
  #lost = 0

  constructor(exporter: SpanExporter, { clock, log }: { clock: Clock; log: Log }) {
    this.#exporter = exporter
    this.#clock = clock
    this.#log = log
  }

  export(spans: ReadableSpan[], callback: (result: Result) => void): void {
    this.#exporter.export(spans, (result) => {
      if ((result.code as number) === success) this.#arrived()
      else this.#failed(spans.length, result.error)
      callback(result)
    })
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.()
  }

  #arrived(): void {
    if (this.#complainedMs === undefined) return
    this.#log.info({ lost: this.#lost }, 'traces are delivered again')
    this.#complainedMs = undefined
    this.#lost = 0
  }

  #failed(spans: number, error: Error | undefined): void {
    this.#lost += spans
    const now = this.#clock.monotonicMs()
    if (this.#complainedMs !== undefined && now - this.#complainedMs < complaintEveryMs) return
    this.#complainedMs = now
    // Not the error itself: the collector's answer is in it.
    const { message, code } = (error ?? {}) as { message?: string; code?: number | string }
    const fields = { reason: message === '' ? undefined : message, code, lost: this.#lost }
    this.#log.warn(fields, 'traces cannot be delivered to POSTERN_TRACE_URL')
  }
}
