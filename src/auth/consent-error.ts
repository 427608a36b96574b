/** Why a consent did not become a connected account. */
export type ConsentProblem =
  | 'unknown-flow'
  | 'other-browser'
  | 'denied'
  | 'partial'
  | 'wrong-account'
  | 'redirect-mismatch'
  | 'organisation'
  | 'client'
  | 'used-code'
  | 'no-refresh-token'
  | 'no-mailbox'
  | 'unavailable'
  | 'storage'
  | 'refused'

/** The message is a sentence of ours that says what happened, `advice` one that says what to do; both may be shown. */
export class ConsentError extends Error {
  override readonly name = 'ConsentError'
  readonly problem: ConsentProblem
  readonly advice: string

  constructor(problem: ConsentProblem, options?: ErrorOptions & { advice?: string }) {
    const [message, advice] = sentences[problem]
    super(message, options)
    this.problem = problem
    this.advice = options?.advice ?? advice
  }
}

/** By OAuth error code, from the consent page or the token endpoint. Fact sheet section 5.3. */
export function problemOf(oauthError: string): ConsentProblem {
  return problems.get(oauthError) ?? 'refused'
}

const problems = new Map<string, ConsentProblem>([
  ['access_denied', 'denied'],
  ['redirect_uri_mismatch', 'redirect-mismatch'],
  ['org_internal', 'organisation'],
  ['admin_policy_enforced', 'organisation'],
  ['invalid_client', 'client'],
  ['deleted_client', 'client'],
  ['disabled_client', 'client'],
  ['unauthorized_client', 'client'],
  ['invalid_grant', 'used-code'],
  ['temporarily_unavailable', 'unavailable'],
  ['server_error', 'unavailable'],
  ['internal_failure', 'unavailable'],
])

const sentences: Readonly<Record<ConsentProblem, readonly [message: string, advice: string]>> = {
  'unknown-flow': [
    'This sign-in is not known here: it is older than ten minutes, or it was finished already.',
    'Begin again with Connect.',
  ],
  'other-browser': [
    'This sign-in was begun in another browser.',
    'Begin and finish it in the same browser. If you did not begin it, somebody tried to connect a mailbox through you: close this page.',
  ],
  denied: [
    'Access was not given.',
    'Begin again and press Allow. If Google said that the app is not verified or you are not a test user: add your address under "Test users" of the OAuth consent screen in the Google Cloud console. Grants of an app whose publishing status is "Testing" end after 7 days; publish it to avoid that.',
  ],
  partial: [
    'Google gave none of the access to mail that was asked for.',
    'Nothing was changed. Begin again and leave every box on Google’s page ticked, or choose a smaller access.',
  ],
  'wrong-account': [
    'Another Google account was chosen than the one to be connected.',
    'Begin again and choose the right account on Google’s page. Nothing was changed.',
  ],
  'redirect-mismatch': [
    'Google does not accept the address of this page for the OAuth client.',
    'In the Google Cloud console make the OAuth client of the type "Desktop app", or add this page’s /oauth/callback address to the client’s authorised redirect URIs.',
  ],
  organisation: [
    'The Google Workspace organisation does not allow this.',
    'If the OAuth client is "Internal", only accounts of its own organisation may use it. Otherwise ask the administrator to trust the client under Security > API controls.',
  ],
  client: [
    'Google does not know the OAuth client, or its secret is wrong.',
    'Compare the client id and its secret with the Google Cloud console: on the page “Google access”, or in GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.',
  ],
  'used-code': ['The code from Google was used already or is too old.', 'Begin again with Connect.'],
  'no-refresh-token': [
    'Google gave no lasting access.',
    'Remove Postern’s access at https://myaccount.google.com/permissions and begin again.',
  ],
  'no-mailbox': [
    'Google does not say whose mailbox this is.',
    'Check that Gmail is switched on for the account and that the Gmail API is enabled in the project of the OAuth client, then begin again.',
  ],
  unavailable: ['Google cannot be reached at the moment.', 'Check the network and begin again in a minute.'],
  storage: [
    'The access could not be stored.',
    'Check the disk of the machine that Postern runs on and begin again.',
  ],
  refused: ['Google refused.', 'Begin again. If it happens once more, look into Postern’s log.'],
}
