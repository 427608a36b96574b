import { AsyncLocalStorage } from 'node:async_hooks'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { Span, Tracer } from '@opentelemetry/api'
import type { Door } from '#mail/doorman.ts'
import type { CommandWatch, EndedCommand } from '#wire/command-watch.ts'

/** How a command ends that did what it should, in the words of each protocol. */
const fine = new Set(['OK', 'ok', '2xx'])

/** What runs in a command's turn, and in all turns that come of it: loops that it woke go on after it has ended. */
interface Running {
  span: Span | undefined
}

/** One span for each command of a client. */
export class CommandSpans {
  readonly #tracer: Tracer
  readonly #running = new AsyncLocalStorage<Running>()

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  /** Of the command in whose turn this is asked; undefined when there is none, or it has ended. */
  get current(): Span | undefined {
    return this.#running.getStore()?.span
  }

  watch(door: Door): CommandWatch {
    const protocol = door.toUpperCase()
    return ({ name, session }) => {
      const attributes = { 'postern.door': door, 'postern.command': name, 'postern.session': session }
      const options = { kind: SpanKind.SERVER, attributes }
      const span = this.#tracer.startSpan(`${protocol} ${name}`, options, ROOT_CONTEXT)
      const running: Running = { span }
      this.#running.enterWith(running)
      return (ended) => {
        running.span = undefined
        if (span.isRecording()) end(span, ended)
      }
    }
  }
}

function end(span: Span, { result, account, bytesIn, bytesOut }: EndedCommand): void {
  span.setAttributes({
    'postern.result': result ?? 'cut off',
    'postern.bytes_in': bytesIn,
    'postern.bytes_out': bytesOut,
  })
  if (account !== undefined) span.setAttribute('postern.account', account)
  if (result === undefined || !fine.has(result)) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}
