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
  const registers = [register]
  const commands = new Counter({
    name: 'postern_commands_total',
    help: 'Commands of clients by name and how they ended',
    labelNames: ['protocol', 'command', 'result'],
    registers,
  })
  const commandSeconds = new Histogram({
    name: 'postern_command_seconds',
    help: 'From the whole command to the last octet of its answer, IDLE and the message of DATA included',
    labelNames: ['protocol', 'command'],
    buckets: commandBuckets,
    registers,
  })
  const connections = new Counter({
    name: 'postern_connections_total',
    help: 'Clients that connected',
    labelNames: ['protocol'],
    registers,
  })
  const ended = new Counter({
    name: 'postern_sessions_ended_total',
    help: 'Sessions that ended by how: left and gone by the client, else why we ended them',
    labelNames: ['protocol', 'how'],
    registers,
  })
  const bytes = new Counter({
    name: 'postern_session_bytes_total',
    help: 'Octets of clients, told when their session ends',
    labelNames: ['protocol', 'direction'],
    registers,
  })
  const logins = new Counter({
    name: 'postern_logins_total',
    help: 'Logins by result: ok, or why not',
    labelNames: ['protocol', 'result'],
    registers,
  })
  const answerSeconds = new Histogram({
    name: 'postern_gmail_request_seconds',
    help: 'Requests to Gmail by method and outcome, without the time that they waited for their turn',
    labelNames: ['method', 'outcome'],
    buckets: callBuckets,
    registers,
  })
  const tokens = new Counter({
    name: 'postern_token_requests_total',
    help: 'Access tokens asked of Google: ok, ended (somebody must connect again) or failed',
    labelNames: ['result'],
    registers,
  })
  const sends = new Counter({
    name: 'postern_sends_total',
    help: 'Messages submitted by result: ok, or the kind of the error',
    labelNames: ['result'],
    registers,
  })
  const sendSeconds = new Histogram({
    name: 'postern_send_seconds',
    help: 'From the whole message to what Gmail made of it',
    buckets: commandBuckets,
    registers,
  })
  const troubles = new Counter({
    name: 'postern_errors_total',
    help: 'Log lines of the level warn or error by the kind of error in them',
    labelNames: ['level', 'kind'],
    registers,
  })
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
