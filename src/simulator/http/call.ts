/**
 * One call of a Gmail method as the simulator's parts hand it to each other: the plain route, the upload routes and the
 * batch endpoint all make one of these and give it to the same `Dispatch`.
 */
export interface ApiCall {
  /** GET, POST, PUT, PATCH or DELETE. */
  readonly method: string
  /** Decoded nowhere: `/gmail/v1/users/me/messages/18c`, without query. Upload paths are given without `/upload`. */
  readonly path: string
  readonly query: URLSearchParams
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The JSON body's octets; empty when there is none. */
  readonly body: Buffer
  /** The message of an upload, as it came. Undefined for a plain call. */
  readonly media: Buffer | undefined
}

/** What goes back. A GmailError (errors.ts) is already turned into status and envelope. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** A JSON value; undefined for an answer without content (204). */
  readonly body: unknown
}

/** Token, scopes, faults, latency, quota, method, partial response: everything between a call and its answer. */
export type Dispatch = (call: ApiCall) => Promise<ApiAnswer>
