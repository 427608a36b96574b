import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { createCounters } from './counters.ts'
import type { Counters } from './counters.ts'
import { registerGauges } from './gauges.ts'
import type { Sources } from './sources.ts'

/** Everything that Postern tells of itself in numbers; no address, no subject, nothing that names a person. */
export interface Metrics {
  readonly count: Counters
  /** Gives the figures that are asked for on demand; call it once. */
  watch(sources: Sources): void
  /** The exposition format of Prometheus. */
  text(): Promise<string>
  readonly contentType: string
}

export function createMetrics(options: {
  version: string
  /** Tell accounts apart, by their numbers. */
  perAccount: boolean
}): Metrics {
  const register = new Registry()
  // The process itself: CPU, memory, event-loop delay, garbage collection, handles.
  collectDefaultMetrics({ register })
  new Gauge({
    name: 'postern_build_info',
    help: 'Always 1',
    labelNames: ['version', 'node'],
    registers: [register],
  }).set({ version: options.version, node: process.versions.node }, 1)
  return {
    count: createCounters(register),
    watch: (sources) => registerGauges(register, sources, options.perAccount),
    text: () => register.metrics(),
    contentType: register.contentType,
  }
}
