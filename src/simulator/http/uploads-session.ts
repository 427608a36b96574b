import type { ApiAnswer, ApiCall } from './call.ts'
import { Octets } from './uploads-body.ts'

/** Real ones last a week. */
const sessionMs = 7 * 24 * 3600 * 1000
/** Beyond either, the sessions that have waited longest are forgotten; their clients get 404 and start again. */
const sessionLimit = 200
const octetLimit = 512 * 1024 * 1024

export interface UploadSurroundings {
  /** Epoch milliseconds. */
  now(): number
  randomBytes(n: number): Buffer
  /** Throws GmailError when a call of this kind would be refused: a resumable upload asks before it begins. */
  admit?(call: ApiCall): void
}

/** A resumable upload that has been begun. */
export interface UploadSession {
  readonly id: string
  /** The call that began it: its query, headers, path and JSON body are the upload's. */
  readonly call: ApiCall
  /** Octets that the method takes. */
  readonly limit: number
  readonly octets: Octets
  readonly expiresAt: number
  /** The length of the whole, once it is known. */
  total: number | undefined
  /** Whose octets are accepted: a later PUT takes the turn from one whose connection hangs. */
  turn: symbol | undefined
  /** The method's answer, while it is awaited and when it has come. */
  answer: Promise<ApiAnswer> | undefined
}

/** The resumable uploads under way. In memory: a restart of the simulator is an expired session. */
export class UploadSessions {
  readonly #sessions = new Map<string, UploadSession>()
  readonly #around: UploadSurroundings

  constructor(around: UploadSurroundings) {
    this.#around = around
  }

  begin(call: ApiCall, limit: number, total: number | undefined): UploadSession {
    this.#makeRoom(0)
    const session: UploadSession = {
      id: this.#around.randomBytes(48).toString('base64url'),
      call,
      limit,
      octets: new Octets(limit),
      expiresAt: this.#around.now() + sessionMs,
      total,
      turn: undefined,
      answer: undefined,
    }
    this.#sessions.set(session.id, session)
    return session
  }

  /** Undefined for a session that is unknown or expired, or was begun for another path. */
  find(id: string, path: string): UploadSession | undefined {
    const session = this.#sessions.get(id)
    if (session === undefined || session.call.path !== path) return undefined
    // The one that is used is the last to be forgotten.
    this.#sessions.delete(id)
    if (session.expiresAt <= this.#around.now()) return undefined
    this.#makeRoom(session.answer === undefined ? (session.total ?? session.limit) : 0)
    this.#sessions.set(id, session)
    return session
  }

  /** For one more session, which will hold so many octets. */
  #makeRoom(octetsWanted: number): void {
    const now = this.#around.now()
    let held = octetsWanted
    for (const [id, { expiresAt, octets }] of this.#sessions) {
      if (expiresAt <= now) this.#sessions.delete(id)
      else held += octets.length
    }
    for (const [id, { octets }] of this.#sessions) {
      if (this.#sessions.size < sessionLimit && held < octetLimit) return
      this.#sessions.delete(id)
      held -= octets.length
    }
  }
}
