import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { TokenSource } from '#mail/token-source.ts'
import { createGmail } from '../client.ts'
import type { GmailOptions } from '../client.ts'
import { GmailError } from '../gmail.ts'
import type { Gmail } from '../gmail.ts'
import { FakeGoogle } from './fake-google.ts'
import type { Behaviour } from './fake-google.ts'
import { HandClock } from './hand-clock.ts'
import { KeptLog } from './kept-log.ts'

export class Tokens implements TokenSource {
  readonly rejected: string[] = []
  error: Error | undefined

  async accessToken(): Promise<string> {
    if (this.error !== undefined) throw this.error
    return `ya29.token-${this.rejected.length}`
  }

  reject(token: string): void {
    this.rejected.push(token)
  }
}

/** A Gmail client before a scripted Google, with everything it was handed. */
export interface Scene {
  google: FakeGoogle
  clock: HandClock
  tokens: Tokens
  log: KeptLog
  gmail: Gmail
  /** Runs a call to its end, moving the clock whenever nothing is under way. */
  finish: <T>(promise: Promise<T>) => Promise<T>
}

export async function play(
  t: TestContext,
  script: Behaviour[],
  options: Partial<GmailOptions> = {},
): Promise<Scene> {
  const google = await FakeGoogle.start(...script)
  t.after(() => google.close())
  const clock = new HandClock()
  const tokens = new Tokens()
  const log = new KeptLog()
  const gmail = createGmail({
    apiUrl: google.url,
    tokens,
    quotaPerMinute: 6000,
    clock,
    log,
    random: () => 0.5,
    ...options,
  })
  return {
    google,
    clock,
    tokens,
    log,
    gmail,
    finish: (promise) => clock.until(promise, () => gmail.budget().inFlight > 0),
  }
}

/** For assert.rejects. */
export function gmailError(kind: string, more: Partial<GmailError> = {}) {
  return (error: unknown) => {
    assert.ok(error instanceof GmailError, String(error))
    assert.equal(error.kind, kind)
    for (const [name, value] of Object.entries(more)) assert.equal(error[name as keyof GmailError], value)
    return true
  }
}
