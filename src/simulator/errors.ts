/** One entry of the legacy `errors` array. */
interface ErrorEntry {
  message: string
  domain: string
  reason: string
  location?: string
  locationType?: string
}

/** What a Gmail method answers instead of a result. Fact sheet section 1.4. */
export class GmailError extends Error {
  override readonly name = 'GmailError'
  readonly code: number
  readonly status: string
  readonly entry: ErrorEntry
  readonly details: readonly object[] | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: number,
    reason: string,
    message: string,
    more: {
      status?: string
      domain?: string
      entryMessage?: string
      location?: string
      details?: readonly object[]
      retryAfterSeconds?: number | undefined
    } = {},
  ) {
    super(message)
    this.code = code
    this.status = more.status ?? statusOf(code)
    this.entry = { message: more.entryMessage ?? message, domain: more.domain ?? 'global', reason }
    if (more.location !== undefined) {
      this.entry.location = more.location
      this.entry.locationType = more.location === 'Authorization' ? 'header' : 'parameter'
    }
    this.details = more.details
    this.retryAfterSeconds = more.retryAfterSeconds
  }

  /** The body on the wire: always both the legacy array and `status`. */
  envelope(): object {
    const error: Record<string, unknown> = {
      code: this.code,
      message: this.message,
      errors: [this.entry],
      status: this.status,
    }
    if (this.details) error['details'] = this.details
    return { error }
  }
}

const statuses = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [409, 'ABORTED'],
  [412, 'FAILED_PRECONDITION'],
  [413, 'INVALID_ARGUMENT'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
])

function statusOf(code: number): string {
  return statuses.get(code) ?? 'UNKNOWN'
}

export function badRequest(message: string): GmailError {
  return new GmailError(400, 'badRequest', message)
}

export function invalidArgument(message: string): GmailError {
  return new GmailError(400, 'invalidArgument', message)
}

export function notFound(): GmailError {
  return new GmailError(404, 'notFound', 'Requested entity was not found.')
}

export function missingCredential(): GmailError {
  return new GmailError(
    401,
    'required',
    'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid ' +
      'authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    { entryMessage: 'Login Required.', location: 'Authorization' },
  )
}

export function invalidCredential(): GmailError {
  return new GmailError(
    401,
    'authError',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid ' +
      'authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    { entryMessage: 'Invalid Credentials', location: 'Authorization' },
  )
}

export function insufficientScope(method: string): GmailError {
  return new GmailError(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.', {
    entryMessage: 'Insufficient Permission',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
        domain: 'googleapis.com',
        metadata: { service: 'gmail.googleapis.com', method: `gmail.users.${method}` },
      },
    ],
  })
}

/** A token with gmail.metadata and nothing stronger asks for more than metadata. */
export function metadataOnly(message: string): GmailError {
  return new GmailError(403, 'forbidden', message)
}

export function tooManyConcurrent(): GmailError {
  return new GmailError(429, 'rateLimitExceeded', 'Too many concurrent requests for user')
}
