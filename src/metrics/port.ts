import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeRoom } from '#mail/make-room.ts'
import type { Log } from '#mail/surroundings.ts'
import type { Metrics } from './metrics.ts'

const connectionLimit = 50

/** What `/readyz` says. */
export interface Readiness {
  readonly ready: boolean
  readonly reason?: string | undefined
}

export interface MetricsPort {
  listen(): Promise<{ readonly url: string }>
  close(): Promise<void>
}

/**
 * Metrics and probes on a port of their own, for networks whose scraper and supervisor come by the pod's address, which
 * the pages refuse. It has nothing to protect but numbers; it can change nothing. Throws like any listener.
 */
export function createMetricsPort(options: {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  readonly readiness: () => Promise<Readiness> | Readiness
  readonly log: Log
}): MetricsPort {
  const { metrics, log } = options
  const json = 'application/json; charset=utf-8'

  async function answer(path: string): Promise<{ status: number; type: string; body: string }> {
    switch (path) {
      case '/metrics':
        return { status: 200, type: metrics.contentType, body: await metrics.text() }
      case '/healthz':
        return { status: 200, type: json, body: JSON.stringify({ alive: true }) }
      case '/readyz': {
        const readiness = await options.readiness()
        return { status: readiness.ready ? 200 : 503, type: json, body: JSON.stringify(readiness) }
      }
      default:
        return { status: 404, type: 'text/plain', body: 'Here are /metrics, /healthz and /readyz.\n' }
    }
  }

  const server = createServer(
    { maxHeaderSize: 8 * 1024, headersTimeout: 10_000, requestTimeout: 10_000 },
    (request, response) => {
      const path = (request.url ?? '').split('?', 1)[0] ?? ''
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(405, { allow: 'GET, HEAD', connection: 'close' }).end()
        return
      }
      const send = async () => {
        const { status, type, body } = await answer(path)
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
        response.end(request.method === 'HEAD' ? undefined : body)
      }
      send().catch((err: unknown) => {
        log.error({ err }, 'the metrics could not be put together')
        response.destroy()
      })
    },
  )
  makeRoom(server, connectionLimit)

  return {
    async listen() {
      server.listen({ host: options.host, port: options.port })
      await once(server, 'listening')
      const { address, family, port } = server.address() as AddressInfo
      return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}` }
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
