import { setTimeout } from 'node:timers/promises'
import type { Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { TracerProviderOptions } from '@opentelemetry/sdk-trace'
import type { Clock, Log } from '#mail/surroundings.ts'
import { version } from '../version.ts'
import { ComplainingExporter } from './complaining-exporter.ts'
import type { HeadersFile } from './headers-file.ts'

/** Spans that wait, about 2 kB each; more are dropped: mail goes before traces. */
const mostWaiting = 2048
const batchSpans = 512
const everyMs = 5000
/** One batch, its repetitions included. Short: whoever stops Postern waits for it. */
const deliveryMs = 3000
const deliveriesAtOnce = 4
/** The last batch when Postern stops, of the ten seconds that an operator waits. */
const farewellMs = 1000

/** Samples traces as wholes, and brings them in batches to a collector that speaks OTLP/HTTP with JSON. */
export function openDelivery(options: {
  url: string
  /** The share of traces that is sent, above 0 up to 1. */
  ratio: number
  headers: HeadersFile | undefined
  clock: Clock
  log: Log
}): { tracer: Tracer; close(): Promise<void> } {
  const { url, ratio, headers, clock, log } = options
  const exporter = new OTLPTraceExporter({
    url,
    timeoutMillis: deliveryMs,
    concurrencyLimit: deliveriesAtOnce,
    ...(headers === undefined ? {} : { headers: () => headers.current() }),
  })
  const provider = new TracerProvider({
    resource: thisService(),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new ComplainingExporter(exporter, { clock, log }),
        maxQueueSize: mostWaiting,
        maxExportBatchSize: batchSpans,
        scheduledDelayMillis: everyMs,
        exportTimeoutMillis: 2 * deliveryMs,
      }),
    ],
  })
  return {
    tracer: provider.getTracer('postern', version()),
    async close() {
      const over = new AbortController()
      const late = setTimeout(farewellMs, undefined, { signal: over.signal }).catch(() => {})
      // What cannot be delivered was complained of.
      await Promise.race([provider.shutdown().catch(() => {}), late])
      over.abort()
    },
  }
}

/** Who sends. A plain value: making one otherwise would take another package for two attributes. */
function thisService(): NonNullable<TracerProviderOptions['resource']> {
  const attributes = { 'service.name': 'postern', 'service.version': version() }
  const resource = {
    attributes,
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  }
  return resource
}
