import { request as plainRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'
import { TLSSocket } from 'node:tls'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Of the server's certificate; undefined without TLS. */
  readonly fingerprint256: string | undefined
}

/** One request over a connection of its own, with any headers; what fetch would not send, or not trust. */
export function call(
  url: string | URL,
  options: {
    method?: string
    headers?: Record<string, string>
    body?: string
    /** PEM of the authority that is trusted. */
    ca?: string | undefined
  } = {},
): Promise<Answer> {
  const { body, ca, ...rest } = options
  const target = new URL(url)
  const send = target.protocol === 'https:' ? secureRequest : plainRequest
  return new Promise((resolve, reject) => {
    const sent = send(target, { ...rest, agent: false, ...(ca === undefined ? {} : { ca }) }, (response) => {
      const { socket } = response
      const peer = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
      readAll(response).then(
        (text) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            fingerprint256: peer?.fingerprint256,
          }),
        reject,
      )
    })
    sent.on('error', reject).end(body)
  })
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of response.setEncoding('utf8')) text += piece as string
  return text
}
