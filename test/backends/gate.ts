import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Asked, Backend, Json, Manner, Told } from './backend.ts'

/** Stands before a simulator and makes another Gmail of it, another one for each account. */
export interface Gate extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string
  /** From now on an account, known by its refresh token, has this backend. */
  put(refreshToken: string, backend: Backend): void
  /** Requests of an account so far. */
  requestsOf(refreshToken: string): number
}

interface Account {
  readonly before: Map<string, number>
  backend: Backend
  requests: number
}

/** `prefix`: the path below which Gmail and the rest of Google lie. */
export async function openGate(target: string, prefix: string): Promise<Gate> {
  const accounts = new Map<string, Account>()
  const byToken = new Map<string, Account>()
  const of = (key: string): Account => accounts.get(key) ?? { before: new Map(), backend: {}, requests: 0 }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await octetsOf(request)
    const whole = request.url ?? '/'
    if (!whole.startsWith(`${prefix}/`)) return await send(response, nowhere(whole))
    const url = whole.slice(prefix.length)
    const isToken = url === '/token'
    const account = isToken
      ? of(new URLSearchParams(body.toString()).get('refresh_token') ?? '')
      : (byToken.get(request.headers.authorization ?? '') ?? of(''))
    const call = callOf(request.method ?? '', url)
    const beforeOfCall = account.before.get(call) ?? 0
    const asked: Asked = {
      method: request.method ?? '',
      call,
      url,
      body,
      before: account.requests,
      beforeOfCall,
    }
    account.requests++
    account.before.set(call, beforeOfCall + 1)
    const { backend } = account
    const refused = backend.refuse?.(asked)
    if (refused !== undefined) return await send(response, refused)
    const rewritten = { url, body, ...backend.ask?.(asked) }
    const inner = await ask(target, request, rewritten)
    if (isToken) remember(inner, account)
    const changed = withJson(inner, asked, backend)
    await send(response, backend.tell?.(changed, asked) ?? changed)
  }

  function remember({ body }: Told, account: Account): void {
    const { access_token: token } = JSON.parse(body.toString()) as { access_token?: string }
    if (token !== undefined) byToken.set(`Bearer ${token}`, account)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const host = await listenOnLoopback(server)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${port}${prefix}`,
    put(refreshToken, backend) {
      accounts.set(refreshToken, Object.assign(of(refreshToken), { backend }))
    },
    requestsOf: (refreshToken) => of(refreshToken).requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** By IPv6 where this machine has it; gives the host as a URL has it. */
async function listenOnLoopback(server: Server): Promise<string> {
  const listen = (host: string) =>
    new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  try {
    await listen('::1')
    return '[::1]'
  } catch {
    await listen('127.0.0.1')
    return '127.0.0.1'
  }
}

async function octetsOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

function nowhere(url: string): Told {
  return {
    status: 404,
    headers: { 'content-type': 'text/html' },
    body: Buffer.from(`<h1>Cannot find ${url.length} characters</h1>`),
  }
}

function callOf(method: string, url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  const short = path.replace('/gmail/v1/users/me', '')
  const named = short.replace(/\/(messages|labels|drafts|threads)\/(?!send|import|batch)[^/]+/, '/$1/*')
  return `${method} ${named}`
}

async function ask(
  target: string,
  { method = 'GET', headers }: IncomingMessage,
  { url, body }: { url: string; body: Buffer },
): Promise<Told> {
  const { authorization, 'content-type': type } = headers
  const answer = await fetch(target + url, {
    method,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: new Uint8Array(body) }),
    redirect: 'manual',
  })
  const kept = [...answer.headers].filter(([name]) => !hopHeaders.has(name))
  return {
    status: answer.status,
    headers: Object.fromEntries(kept),
    body: Buffer.from(await answer.arrayBuffer()),
  }
}

const hopHeaders = new Set([
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
])

function withJson(inner: Told, asked: Asked, backend: Backend): Told {
  if (backend.json === undefined || inner.status >= 300 || inner.body.length === 0) return inner
  const json = backend.json(JSON.parse(inner.body.toString()) as Json, asked)
  return { ...inner, body: Buffer.from(JSON.stringify(json)) }
}

async function send(response: ServerResponse, { status, headers, body, manner }: Told): Promise<void> {
  const empty = status === 204
  const close = manner === 'and then the connection is closed' ? { connection: 'close' } : {}
  const length = manner === 'in chunks' || empty ? {} : { 'content-length': String(body.length) }
  response.writeHead(status, { ...headers, ...length, ...close })
  for (const piece of empty ? [] : piecesOf(body, manner)) {
    response.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (manner === 'by half' && !empty) response.destroy()
  else response.end()
}

function piecesOf(body: Buffer, manner: Manner = 'with its length'): Buffer[] {
  if (manner === 'by half') return [body.subarray(0, Math.ceil(body.length / 2))]
  const most = { 'a little at a time': Math.ceil(body.length / 50), 'in chunks': 100 } as Partial<
    Record<Manner, number>
  >
  const size = Math.max(1, most[manner] ?? body.length)
  const pieces: Buffer[] = []
  for (let at = 0; at < body.length; at += size) pieces.push(body.subarray(at, at + size))
  return pieces
}
