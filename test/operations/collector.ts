import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

interface Value {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
}

/** As OTLP has it in JSON: opentelemetry-proto, trace.proto. */
interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: readonly { readonly key: string; readonly value: Value }[]
  readonly status: { readonly code?: number }
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: OtlpSpan['attributes'] }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

export interface ReceivedSpan extends Omit<OtlpSpan, 'attributes'> {
  readonly attributes: Readonly<Record<string, string | number | undefined>>
}

/** What a bridge sends its traces to. */
export class Collector implements AsyncDisposable {
  readonly url: string
  readonly spans: ReceivedSpan[] = []
  readonly services: (string | number | undefined)[] = []
  readonly headers: IncomingHttpHeaders[] = []
  /** Everything that came, as it came. */
  raw = ''
  readonly #server: ReturnType<typeof createServer>

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
    const receive = async (request: IncomingMessage, response: ServerResponse) => {
      const text = (await buffer(request)).toString()
      this.raw += text
      this.headers.push(request.headers)
      this.#take(JSON.parse(text) as OtlpTraces)
      response.setHeader('content-type', 'application/json').end('{}')
    }
    server.on('request', (request, response) => void receive(request, response))
  }

  static async listen(): Promise<Collector> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Collector(server)
  }

  named(name: string): readonly ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name)
  }

  childrenOf(parents: readonly ReceivedSpan[]): readonly ReceivedSpan[] {
    const ids = new Set(parents.map(({ spanId }) => spanId))
    return this.spans.filter(({ parentSpanId }) => parentSpanId !== undefined && ids.has(parentSpanId))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take({ resourceSpans }: OtlpTraces): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      this.services.push(plain(resource.attributes)['service.name'])
      for (const span of scopeSpans.flatMap(({ spans }) => spans))
        this.spans.push({ ...span, attributes: plain(span.attributes) })
    }
  }
}

function plain(attributes: OtlpSpan['attributes']): ReceivedSpan['attributes'] {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? doubleValue ?? (intValue === undefined ? undefined : Number(intValue)),
    ]),
  )
}
