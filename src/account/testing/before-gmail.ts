import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** What the simulator answered. */
export interface Told {
  readonly method: string
  /** As it was asked, before `ask` changed it. */
  readonly url: URL
  readonly ok: boolean
  readonly text: string
}

interface Changes {
  /** What the simulator is asked instead. */
  readonly ask?: (url: URL, method: string) => URL
  /** What is told instead; until it resolves nobody is told anything. */
  readonly tell: (told: Told) => string | Promise<string>
}

const passedOn = ['authorization', 'content-type', 'accept', 'user-agent']

/** Stands before the simulator until the test ends, and makes another Gmail of it; gives its address. */
export async function standBefore(
  t: TestContext,
  target: string,
  { ask = (url) => url, tell }: Changes,
): Promise<string> {
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', headers } = request
    const url = new URL(request.url ?? '/', target)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const given = new Headers()
    for (const name of passedOn) {
      const value = headers[name]
      if (typeof value === 'string') given.set(name, value)
    }
    const asked = ask(new URL(url), method)
    const answer = await fetch(asked, { method, headers: given, ...(body.length > 0 ? { body } : {}) })
    const text = await tell({ method, url, ok: answer.ok, text: await answer.text() })
    const type = answer.headers.get('content-type')
    response.writeHead(answer.status, type === null ? {} : { 'content-type': type })
    response.end(text)
  }
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
