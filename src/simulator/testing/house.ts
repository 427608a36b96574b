import assert from 'node:assert/strict'
import { afterEach } from 'node:test'
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator.ts'

type Json = Record<string, never>

/** What a test reads of an answer; absent fields are undefined. */
export interface Answer {
  status: number
  headers: Headers
  // Tests look into answers of every shape; what is not there makes their assertion fail.
  body: Json
}

interface Ask {
  method?: string
  json?: unknown
  token?: string
  headers?: Record<string, string>
}

/** A running simulator with the calls that tests make. */
export class House {
  readonly sim: Simulator

  constructor(sim: Simulator) {
    this.sim = sim
  }

  /** A call below `/gmail/v1/users/me/`. */
  async ask(path: string, { method, json, token = this.sim.token, headers = {} }: Ask = {}): Promise<Answer> {
    const response = await fetch(`${this.sim.url}/gmail/v1/users/me/${path}`, {
      method: method ?? (json === undefined ? 'GET' : 'POST'),
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : { text }) as Json,
    }
  }

  /** The body of a call that must succeed. */
  async get<Body = Json>(path: string, ask: Ask = {}): Promise<Body> {
    const { status, body } = await this.ask(path, ask)
    assert.ok(status < 300, `${path}: ${status} ${JSON.stringify(body)}`)
    return body as Body
  }

  /** The reason in an error's envelope. */
  async reason(path: string, ask: Ask = {}): Promise<[number, string, string]> {
    const { status, body } = await this.ask(path, ask)
    const { error } = body as unknown as {
      error: { code: number; message: string; status: string; errors: { reason: string }[] }
    }
    assert.equal(error.code, status)
    assert.equal(typeof error.status, 'string')
    return [status, error.errors[0]?.reason ?? '', error.message]
  }

  async control<Body = Json>(verb: string, args: object = {}): Promise<Body> {
    const response = await fetch(`${this.sim.control}/${verb}`, {
      method: 'POST',
      body: JSON.stringify(args),
    })
    const body = (await response.json()) as Body
    assert.equal(response.status, 200, JSON.stringify(body))
    return body
  }

  /** A message of this text is inserted; answers its ids. */
  insert(
    text: string,
    labelIds: readonly string[] = ['INBOX'],
    more: object = {},
  ): Promise<{ id: string; threadId: string }> {
    return this.get('messages', { json: { raw: raw(text), labelIds, ...more } })
  }

  async rawOf(id: string, token?: string): Promise<string> {
    const message = await this.get<{ raw: string }>(
      `messages/${id}?format=raw`,
      token === undefined ? {} : { token },
    )
    return Buffer.from(message.raw, 'base64url').toString('latin1')
  }
}

const open: Simulator[] = []

/** Call once at the top of a test file. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const sim of open.splice(0)) await sim.close()
  })
}

/** Seeded, and without quota unless the test wants one. */
export async function startHouse(options: SimulatorOptions = {}): Promise<House> {
  const sim = await startSimulator({ seed: 'tests', quotaPerMinute: 0, ...options })
  open.push(sim)
  return new House(sim)
}

/** Ended before the test is. */
export async function endHouse({ sim }: House): Promise<void> {
  open.splice(open.indexOf(sim), 1)
  await sim.close()
}

/** Line ends become CRLF. */
export function raw(text: string): string {
  return Buffer.from(text.replaceAll(/\r?\n/g, '\r\n')).toString('base64url')
}

export function letter(fields: Record<string, string>, body = 'Hello.\n'): string {
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}\n${body}`
}
