import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { HandClock } from '#gmail/testing/hand-clock.ts'
import { KeptLog } from '#gmail/testing/kept-log.ts'
import { ComplainingExporter } from './complaining-exporter.ts'

type Code = Parameters<Parameters<SpanExporter['export']>[1]>[0]['code']
/** ExportResultCode of a package that is not ours to import. */
const [arrived, failed] = [0, 1] as unknown as [Code, Code]

/** Fails like a collector whose answers hold more than a log should. */
class Collector implements SpanExporter {
  fails = true

  export(_spans: ReadableSpan[], callback: Parameters<SpanExporter['export']>[1]): void {
    const error = Object.assign(new Error('Unauthorized'), { code: 401, data: 'the key abc is wrong' })
    callback(this.fails ? { code: failed, error } : { code: arrived })
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }
}

test('spans that are lost are told once in ten minutes, and once when they arrive again', async () => {
  const clock = new HandClock()
  const log = new KeptLog()
  const collector = new Collector()
  const exporter = new ComplainingExporter(collector, { clock, log })
  const codes: number[] = []
  const send = () => exporter.export([{} as ReadableSpan, {} as ReadableSpan], ({ code }) => codes.push(code))
  send()
  send()
  await clock.advance(10 * 60_000)
  send()
  collector.fails = false
  send()
  send()
  assert.deepEqual(codes, [1, 1, 1, 0, 0])
  const reason = '{"reason":"Unauthorized","code":401,'
  assert.deepEqual(log.lines, [
    `traces cannot be delivered to POSTERN_TRACE_URL ${reason}"lost":2}`,
    `traces cannot be delivered to POSTERN_TRACE_URL ${reason}"lost":6}`,
    'traces are delivered again {"lost":6}',
  ])
})
