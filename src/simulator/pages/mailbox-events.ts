import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { queryOf, setPageHeaders } from './defence.ts'
import type { MailboxPageSource } from './mailbox-source.ts'

/** Pages that listen at once; the next one is asked to come back later. */
const listenerLimit = 50
const heartbeatMs = 20_000

/**
 * `GET /mailbox/events`: server-sent events, one `change` whenever the account's mailbox changed. They say only
 * that: the page then fetches itself. So events can be merged, and a slow reader costs no memory.
 */
export function registerMailboxEvents(scope: FastifyInstance, source: MailboxPageSource): void {
  const open = new Set<() => void>()

  scope.get('/mailbox/events', (request, reply) => {
    const asked = queryOf(request).get('account')
    const address = source.accounts().find((account) => account === asked)
    if (address === undefined || open.size >= listenerLimit) {
      setPageHeaders(reply)
      return reply.code(address === undefined ? 404 : 503).send()
    }
    setPageHeaders(reply)
    reply.hijack()
    const response = reply.raw
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) response.setHeader(name, value)
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
    const tell = teller(response)
    response.write('retry: 2000\n\n')
    const unsubscribe = source.subscribe((change) => {
      if (change.address === address) tell('event: change\ndata: {}\n\n')
    })
    const heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(': still here\n\n')
    }, heartbeatMs)
    heartbeat.unref()
    const end = () => {
      clearInterval(heartbeat)
      unsubscribe()
      open.delete(end)
      response.end()
    }
    open.add(end)
    response.on('close', end)
    response.on('error', end)
    return reply
  })

  // Listening pages must not keep the server from closing.
  scope.addHook('preClose', async () => {
    for (const end of open) end()
  })
}

/** Writes at once, or, while the socket is full, keeps just the last word until it drains. */
function teller(response: ServerResponse): (text: string) => void {
  let kept: string | undefined
  let full = false
  const write = (text: string) => {
    if (response.writableEnded) return
    full = !response.write(text)
    if (!full) return
    response.once('drain', () => {
      full = false
      const next = kept
      kept = undefined
      if (next !== undefined) write(next)
    })
  }
  return (text) => {
    if (full) kept = text
    else write(text)
  }
}
