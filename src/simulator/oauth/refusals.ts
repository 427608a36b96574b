/** An error answer of the token endpoint. */
export interface TokenError {
  readonly status: number
  readonly error: string
  readonly description?: string
  readonly uri?: string
  readonly subtype?: string
}

/** Ways in which Google refuses a grant that once was good. Fact sheet sections 5.3 to 5.5. */
const refusals = new Map<string, TokenError>([
  [
    'invalid_grant',
    { status: 400, error: 'invalid_grant', description: 'Token has been expired or revoked.' },
  ],
  [
    'invalid_rapt',
    {
      status: 400,
      error: 'invalid_grant',
      description: 'reauth related error (invalid_rapt)',
      uri: 'https://support.google.com/a/answer/9368756',
      subtype: 'invalid_rapt',
    },
  ],
  [
    'admin_policy_enforced',
    {
      status: 400,
      error: 'admin_policy_enforced',
      description:
        'Access to one or more of the requested scopes is blocked by the policies of the administrator.',
    },
  ],
  [
    'invalid_client',
    { status: 401, error: 'invalid_client', description: 'The OAuth client was not found.' },
  ],
  ['deleted_client', { status: 401, error: 'deleted_client', description: 'The OAuth client was deleted.' }],
  [
    'unauthorized_client',
    {
      status: 401,
      error: 'unauthorized_client',
      description:
        'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
    },
  ],
  ['invalid_request', { status: 400, error: 'invalid_request', description: 'Invalid principal' }],
  ['internal_failure', { status: 500, error: 'internal_failure', description: 'Backend Error' }],
])

export const refusalKinds: readonly string[] = [...refusals.keys()]

/** @throws {RangeError} for a kind that is not in `refusalKinds`. */
export function refusal(kind: string): TokenError {
  const found = refusals.get(kind)
  if (found === undefined) {
    throw new RangeError(
      `Cannot refuse with ${JSON.stringify(kind)}: it must be one of ${refusalKinds.join(', ')}`,
    )
  }
  return found
}
