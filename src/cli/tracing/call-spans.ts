import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Span, Tracer } from '@opentelemetry/api'
import type { CallWatch } from '#gmail/call-watch.ts'
import type { GmailOptions } from '#gmail/client.ts'
import { traitsByMethod } from '#gmail/cost.ts'
import type { AccountId } from '#mail/ids.ts'
import type { CommandSpans } from './command-spans.ts'

type OnCall = NonNullable<GmailOptions['onCall']>

/** One span for each call to Gmail: beneath the command that wants it, by itself where sync or hydration do. */
export function callSpans(
  account: AccountId,
  { tracer, commands }: { tracer: Tracer; commands: Pick<CommandSpans, 'current'> },
): OnCall {
  return (method, { cause, lane }) => {
    const command = commands.current
    const attributes = {
      'postern.account': account,
      'postern.cause': cause,
      'postern.lane': lane,
      'gmail.method': method,
    }
    const context = command === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, command)
    const span = tracer.startSpan(`Gmail ${method}`, { kind: SpanKind.CLIENT, attributes }, context)
    return span.isRecording() ? new CallSpan(span, traitsByMethod[method].units, commands) : undefined
  }
}

class CallSpan implements CallWatch {
  readonly #span: Span
  readonly #units: number
  readonly #commands: Pick<CommandSpans, 'current'>
  readonly #command: Span | undefined
  #requests = 0
  #requestMs = 0

  constructor(span: Span, units: number, commands: Pick<CommandSpans, 'current'>) {
    this.#span = span
    this.#units = units
    this.#commands = commands
    this.#command = commands.current
  }

  answered(outcome: string, ms: number, status: number | undefined): void {
    this.#requests++
    this.#requestMs += ms
    this.#span.setAttribute('gmail.outcome', outcome)
    if (status !== undefined) this.#span.setAttribute('http.response.status_code', status)
  }

  /** The span has one parent; the other command that waits for it points to it. */
  shared(): void {
    const other = this.#commands.current
    if (other !== undefined && other !== this.#command) other.addLink({ context: this.#span.spanContext() })
  }

  ended(error?: unknown): void {
    const span = this.#span
    span.setAttributes({
      'gmail.requests': this.#requests,
      'gmail.retries': Math.max(0, this.#requests - 1),
      'gmail.units': this.#requests * this.#units,
      // The rest of the span is time that the call waited for its turn, the quota or a token.
      'gmail.request_ms': Math.round(this.#requestMs),
    })
    if (error !== undefined) {
      span.setAttribute('error.type', kindOf(error))
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.end()
  }
}

/** Our errors have kinds, of others the class must do: what they say could be anything. */
function kindOf(error: unknown): string {
  const { kind, name } = error as { kind?: unknown; name?: unknown }
  const found = [kind, name].find((one) => typeof one === 'string')
  return typeof found === 'string' ? found : 'unknown'
}
