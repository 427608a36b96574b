import { Counter, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'

/** What happened, told by whoever saw it. Names and results are our own few words. */
export interface Counters {
  /** `result` as the protocol says it: OK, NO, BAD; ok, err; 2xx, 4xx, 5xx. Bytes that name no command of ours must not get here. */
  command(protocol: string, name: string, result: string, ms: number): void
  connected(protocol: string): void
  /** A client has gone, and how. */
  disconnected(protocol: string, end: { how: string; bytesIn: number; bytesOut: number }): void
  /** `ok`, or why not. */
  login(protocol: string, result: string): void
  /** One request to Gmail: `ok`, or the kind of failure. */
  gmailAnswer(method: string, outcome: string, ms: number): void
  tokenRequest(result: string): void
  /** One submission: `ok`, or the kind of the error. */
  send(result: string, ms: number): void
  /** A line of the log that warns or complains. */
  trouble(level: string, kind: string): void
}

/** From what the cache answers to what waits for the quota. */
const commandBuckets = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 120]
const callBuckets = [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** An error's kind is text of ours, but nobody vouches for every library. */
const mostKinds = 60

export function createCounters(register: Registry): Counters {
  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    new Counter({ name: `postern_${name}`, help, labelNames, registers: [register] })
  const histogram = (name: string, help: string, labelNames: readonly string[], buckets: number[]) =>
    new Histogram({ name: `postern_${name}`, help, labelNames, buckets, registers: [register] })

  const commands = counter('commands_total', 'Commands of clients by name and how they ended', [
    'protocol',
    'command',
    'result',
  ])
  const commandSeconds = histogram(
    'command_seconds',
    'From the whole command to the last octet of its answer, IDLE and the message of DATA included',
    ['protocol', 'command'],
    commandBuckets,
  )
  const connections = counter('connections_total', 'Clients that connected', ['protocol'])
  const ended = counter(
    'sessions_ended_total',
    'Sessions that ended by how: left and gone by the client, else why we ended them',
    ['protocol', 'how'],
  )
  const bytes = counter('session_bytes_total', 'Octets of clients, told when their session ends', [
    'protocol',
    'direction',
  ])
  const logins = counter('logins_total', 'Logins by result: ok, or why not', ['protocol', 'result'])
  const answerSeconds = histogram(
    'gmail_request_seconds',
    'Requests to Gmail by method and outcome, without the time that they waited for their turn',
    ['method', 'outcome'],
    callBuckets,
  )
  const tokens = counter(
    'token_requests_total',
    'Access tokens asked of Google: ok, ended (somebody must connect again) or failed',
    ['result'],
  )
  const sends = counter('sends_total', 'Messages submitted by result: ok, or the kind of the error', [
    'result',
  ])
  const sendSeconds = histogram(
    'send_seconds',
    'From the whole message to what Gmail made of it',
    [],
    commandBuckets,
  )
  const troubles = counter(
    'errors_total',
    'Log lines of the level warn or error by the kind of error in them',
    ['level', 'kind'],
  )
  const kinds = new Set<string>()
  // Rates of what never happened are zero, not absent: alerts need the series from the beginning.
  for (const result of ['ok', 'ended', 'failed']) tokens.inc({ result }, 0)
  sends.inc({ result: 'ok' }, 0)
  for (const level of ['warn', 'error']) troubles.inc({ level, kind: 'none' }, 0)

  return {
    command(protocol, command, result, ms) {
      commands.inc({ protocol, command, result })
      commandSeconds.observe({ protocol, command }, ms / 1000)
    },
    connected: (protocol) => connections.inc({ protocol }),
    disconnected(protocol, { how, bytesIn, bytesOut }) {
      ended.inc({ protocol, how })
      bytes.inc({ protocol, direction: 'in' }, bytesIn)
      bytes.inc({ protocol, direction: 'out' }, bytesOut)
    },
    login: (protocol, result) => logins.inc({ protocol, result }),
    gmailAnswer: (method, outcome, ms) => answerSeconds.observe({ method, outcome }, ms / 1000),
    tokenRequest: (result) => tokens.inc({ result }),
    send(result, ms) {
      sends.inc({ result })
      sendSeconds.observe(ms / 1000)
    },
    trouble(level, kind) {
      if (kinds.size < mostKinds) kinds.add(kind)
      troubles.inc({ level, kind: kinds.has(kind) ? kind : 'other' })
    },
  }
}
