import type { GmailOptions } from '#gmail/client.ts'
import type { Door } from '#mail/doorman.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { CommandWatch } from '#wire/command-watch.ts'
import type { Config } from '../settings.ts'
import { openHeadersFile } from './headers-file.ts'

/** Traces from a client's command to the calls to Gmail that it caused. */
export interface Tracing {
  /** What a front door tells its commands. */
  commandsOf(door: Door): CommandWatch
  /** What one account's Gmail tells its calls. */
  callsOf(account: AccountId): NonNullable<GmailOptions['onCall']>
  /** Sends what is left, for a second at most. Never rejects. */
  close(): Promise<void>
}

/** Undefined when nothing shall be traced: then nothing of OpenTelemetry is loaded either. Throws Complaint. */
export async function openTracing(
  { traceUrl: url, traceRatio: ratio, traceHeadersFile }: Config,
  { clock, log }: { clock: Clock; log: Log },
): Promise<Tracing | undefined> {
  if (url === undefined || ratio === 0) return undefined
  const headers = traceHeadersFile === undefined ? undefined : await openHeadersFile(traceHeadersFile)
  const [{ openDelivery }, { CommandSpans }, { callSpans }] = await Promise.all([
    import('./delivery.ts'),
    import('./command-spans.ts'),
    import('./call-spans.ts'),
  ])
  const delivery = openDelivery({ url, ratio, headers, clock, log })
  const { tracer } = delivery
  const commands = new CommandSpans(tracer)
  return {
    commandsOf: (door) => commands.watch(door),
    callsOf: (account) => callSpans(account, { tracer, commands }),
    close: () => delivery.close(),
  }
}
