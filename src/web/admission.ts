import type { IncomingMessage, ServerResponse } from 'node:http'
import type { securityHeaders } from './headers.ts'
import { nameIn } from './host-check.ts'
import { onwardPage } from './pages/onward.ts'
import { callbackPath } from './routes/connect.ts'
import { isDiscovery } from './routes/discovery.ts'

const urlLimit = 8 * 1024

/** Who is let in at all, before Fastify and its routing see anything. */
export class Admission {
  readonly #headers: ReturnType<typeof securityHeaders>
  readonly #isOurs: (host: string) => boolean

  constructor(headers: ReturnType<typeof securityHeaders>, isOurs: (host: string) => boolean) {
    this.#headers = headers
    this.#isOurs = isOurs
  }

  /** True when the request may go on; otherwise it is answered. */
  admit(request: IncomingMessage, response: ServerResponse): boolean {
    const { url = '', headers, headersDistinct } = request
    // A proxy before us may have gone by the other one. RFC 9112 section 3.2.
    if ((headersDistinct['host'] ?? []).length > 1) this.#refuse(response, 400, 'A request has one Host.')
    else if (!this.#isOurs(headers.host ?? '') && !isDiscovery(url))
      this.#refuse(
        response,
        421,
        'Postern does not answer by this name. Set POSTERN_WEB_PUBLIC_URL to use another than its own.',
      )
    else if (url.length > urlLimit) this.#refuse(response, 414, 'This address is too long.')
    else return true
    return false
  }

  /** Leads who came without TLS to the same address with it. A form is not taken: it has crossed the network already. */
  lead(request: IncomingMessage, response: ServerResponse): void {
    const { url = '', method, headers } = request
    if (!this.admit(request, response)) return
    const isOpening = (method === 'GET' || method === 'HEAD') && url.startsWith('/')
    if (!isOpening || nameIn(headers.host ?? '') === undefined)
      return this.#refuse(response, 400, 'Open the address with https:// instead.')
    const secure = `https://${headers.host}${url}`
    if (url.split('?', 1)[0] === callbackPath) return this.#send(response, 200, 'html', onwardPage(secure))
    response.setHeader('Location', secure)
    this.#refuse(response, 307, 'This is at https://.')
  }

  #refuse(response: ServerResponse, status: number, sentence: string): void {
    this.#send(response, status, 'plain', `${sentence}\n`)
  }

  #send(response: ServerResponse, status: number, kind: 'plain' | 'html', text: string): void {
    for (const [name, value] of this.#headers) response.setHeader(name, value)
    response.setHeader('Referrer-Policy', 'no-referrer')
    response.writeHead(status, { 'Content-Type': `text/${kind}; charset=utf-8`, Connection: 'close' })
    response.end(text)
  }
}
