import { openHeadersFile } from '../tracing/headers-file.ts'
import type { Config } from '../settings.ts'
import type { Look } from './finding.ts'

const timeoutMs = 10_000
/** A delivery of nothing, which a collector takes: opentelemetry-proto, ExportTraceServiceRequest. */
const nothing = JSON.stringify({ resourceSpans: [] })

/** Whether the collector of OpenTelemetry takes traces, where there is to be one. */
export async function lookAtTraces(
  { traceUrl: url, traceRatio: ratio, traceHeadersFile }: Config,
  look: Look,
): Promise<void> {
  if (url === undefined || ratio === 0) return
  await look('traces', async () => {
    const own =
      traceHeadersFile === undefined ? {} : await (await openHeadersFile(traceHeadersFile)).current()
    const { host } = new URL(url)
    const status = await statusOf(url, { ...own, 'content-type': 'application/json' }).catch(
      (error: unknown) => {
        throw new Error(
          `The collector at ${host} does not answer (${wordOf(error)}). Start it, or set POSTERN_TRACE_URL to where it is`,
          { cause: error },
        )
      },
    )
    if (status === 401 || status === 403)
      throw new Error(
        `The collector at ${host} answers ${status}. Put what it wants to see into the file of POSTERN_TRACE_HEADERS_FILE`,
      )
    if (status < 200 || status > 299)
      throw new Error(
        `${host} answers ${status} and takes no traces. Set POSTERN_TRACE_URL to its OTLP/HTTP address, which ends in /v1/traces`,
      )
    return `the collector at ${host} takes them`
  })
}

async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const signal = AbortSignal.timeout(timeoutMs)
  const answer = await fetch(url, { method: 'POST', headers, body: nothing, redirect: 'manual', signal })
  await answer.body?.cancel()
  return answer.status
}

function wordOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } }
  return typeof cause?.code === 'string' ? cause.code : (name ?? 'no answer')
}
