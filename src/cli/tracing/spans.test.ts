import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { SpanStatusCode } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { ReadableSpan, TracerProviderOptions } from '@opentelemetry/sdk-trace'
import type { CallOptions } from '#gmail/gmail.ts'
import { rawAnswer, refusal } from '#gmail/testing/fake-google.ts'
import type { Behaviour } from '#gmail/testing/fake-google.ts'
import { settle } from '#gmail/testing/hand-clock.ts'
import { play } from '#gmail/testing/scene.ts'
import { accountId, messageId } from '#mail/ids.ts'
import type { EndedCommand } from '#wire/command-watch.ts'
import { callSpans } from './call-spans.ts'
import { CommandSpans } from './command-spans.ts'

const call: CallOptions = { lane: 'person', cause: 'fetch' }
const id = messageId('18c0ffee')
const whole = rawAnswer('18c0ffee', Buffer.from('Subject: x\r\n\r\n'))
const fine: EndedCommand = { result: 'OK', account: accountId(7), bytesIn: 20, bytesOut: 400 }

/** A Gmail client and one IMAP door, both traced. */
async function traced(t: TestContext, script: Behaviour[], more: TracerProviderOptions = {}) {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })], ...more })
  const tracer = provider.getTracer('test')
  const commands = new CommandSpans(tracer)
  const scene = await play(t, script, { onCall: callSpans(accountId(7), { tracer, commands }) })
  const watch = commands.watch('imap')
  return {
    ...scene,
    commands,
    exporter,
    /** In a turn of its own, as sessions are. */
    command: async (name: string, work: () => Promise<unknown>, ended = fine): Promise<void> => {
      await settle(1)
      const end = watch({ name, session: 's1' })
      await work().catch(() => {})
      end(ended)
    },
    span: (name: string): ReadableSpan => {
      const found = exporter.getFinishedSpans().filter((span) => span.name === name)
      assert.equal(found.length, 1, name)
      return found[0] as ReadableSpan
    },
  }
}

test('a call is the child of the command that waits for it, whoever lets it go in the end', async (t) => {
  const { command, gmail, finish, span } = await traced(t, [whole])
  await command('FETCH', () => finish(gmail.rawMessage(id, call)))
  const fetch = span('IMAP FETCH')
  const get = span('Gmail messages.get')
  assert.equal(get.parentSpanContext?.spanId, fetch.spanContext().spanId)
  assert.equal(fetch.attributes['postern.account'], 7)
  assert.equal(fetch.attributes['postern.bytes_out'], 400)
  assert.equal(fetch.status.code, SpanStatusCode.UNSET)
})

test('what a command woke and goes on after it has ended is not laid at its door', async (t) => {
  const { command, commands, gmail, finish, span } = await traced(t, [whole])
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  let later: Promise<unknown> | undefined
  await command('SELECT', async () => {
    later = ended.then(() => gmail.rawMessage(id, { lane: 'prefetch', cause: 'hydrate' }))
    assert.ok(commands.current !== undefined)
  })
  assert.equal(commands.current, undefined)
  resolve()
  await finish(later as Promise<unknown>)
  assert.equal(span('Gmail messages.get').parentSpanContext, undefined)
})

test('of two commands that want the same message one has the call, the other points to it', async (t) => {
  const { command, gmail, finish, span, google } = await traced(t, [whole])
  await Promise.all([
    command('FETCH', () => finish(gmail.rawMessage(id, call))),
    command('COPY', () => finish(gmail.rawMessage(id, call))),
  ])
  assert.equal(google.calls.length, 1)
  const get = span('Gmail messages.get')
  assert.equal(get.parentSpanContext?.spanId, span('IMAP FETCH').spanContext().spanId)
  assert.deepEqual(
    span('IMAP COPY').links.map(({ context }) => context.spanId),
    [get.spanContext().spanId],
  )
})

test('repetitions, units and the kind of a failure are told; what Google said is not', async (t) => {
  const script = [refusal(503, 'backendError', 'Sunny day'), refusal(404, 'notFound', 'Sunny day')]
  const { command, gmail, finish, span, exporter } = await traced(t, script)
  await command('FETCH', () => finish(gmail.rawMessage(id, call)), { ...fine, result: 'NO' })
  const { attributes, status } = span('Gmail messages.get')
  assert.equal(attributes['gmail.requests'], 2)
  assert.equal(attributes['gmail.retries'], 1)
  assert.equal(attributes['gmail.units'], 40)
  assert.equal(attributes['http.response.status_code'], 404)
  assert.equal(attributes['error.type'], 'not-found')
  assert.deepEqual(status, { code: SpanStatusCode.ERROR })
  assert.equal(span('IMAP FETCH').status.code, SpanStatusCode.ERROR)
  const all = exporter
    .getFinishedSpans()
    .map((one) => JSON.stringify([one.attributes, one.events, one.status]))
  assert.doesNotMatch(all.join('\n'), /Sunny/)
})

test('a session that ends in the middle of a command ends its span', async (t) => {
  const { command, span } = await traced(t, [])
  await command('IDLE', () => Promise.resolve(), { ...fine, result: undefined, account: undefined })
  const { attributes, status } = span('IMAP IDLE')
  assert.equal(attributes['postern.result'], 'cut off')
  assert.equal(attributes['postern.account'], undefined)
  assert.equal(status.code, SpanStatusCode.ERROR)
})

test('a command that is not sampled takes its calls with it', async (t) => {
  const { command, gmail, finish, exporter } = await traced(t, [whole], { sampler: new AlwaysOffSampler() })
  await command('FETCH', () => finish(gmail.rawMessage(id, call)))
  assert.deepEqual(exporter.getFinishedSpans(), [])
})
