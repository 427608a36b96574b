import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** Stands before the simulator and holds answers back that it has given already, while the world goes on. */
export interface Gate {
  readonly url: string
  /** Resolves with what is held, when an answer to such a request is there; it and those that follow wait for `open`. */
  hold(isHeld: (url: URL) => boolean): { readonly held: Promise<void>; open(): void }
}

export async function gateBefore(t: TestContext, target: string): Promise<Gate> {
  let current: { isHeld: (url: URL) => boolean; come: () => void; opened: Promise<void> } | undefined
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      pass(
        request.method ?? 'GET',
        request.url ?? '/',
        request.headers,
        Buffer.concat(chunks),
        response,
      ).catch(() => response.destroy())
    })
  })

  async function pass(
    method: string,
    path: string,
    headers: NodeJS.Dict<string | string[]>,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(path, target)
    const given = new Headers()
    for (const name of ['authorization', 'content-type', 'accept', 'user-agent'])
      if (typeof headers[name] === 'string') given.set(name, headers[name])
    const answer = await fetch(url, { method, headers: given, ...(body.length > 0 ? { body } : {}) })
    const octets = Buffer.from(await answer.arrayBuffer())
    if (current?.isHeld(url) === true) {
      const { come, opened } = current
      come()
      await opened
    }
    const type = answer.headers.get('content-type')
    response.writeHead(answer.status, type === null ? {} : { 'content-type': type })
    response.end(octets)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold(isHeld) {
      const held = Promise.withResolvers<void>()
      const opened = Promise.withResolvers<void>()
      current = { isHeld, come: held.resolve, opened: opened.promise }
      return {
        held: held.promise,
        open() {
          current = undefined
          opened.resolve()
        },
      }
    },
  }
}
