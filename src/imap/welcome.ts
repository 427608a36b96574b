import type { Admission, Refusal } from '#mail/doorman.ts'
import { isRefusal } from '#wire/gatekeeper.ts'
import type { Answers, Completion } from './command.ts'
import { statusText } from './refusals.ts'
import type { Anyone } from './session-context.ts'

/** RFC 5530 section 3. */
const codes: Readonly<Record<Refusal['refused'], string>> = {
  credentials: 'AUTHENTICATIONFAILED',
  door: 'AUTHORIZATIONFAILED',
  expired: 'EXPIRED',
  'grant-ended': 'AUTHENTICATIONFAILED',
  unavailable: 'UNAVAILABLE',
  crowded: 'LIMIT',
}

/** Lets in whom the doorman lets in, and says why to the others: the end of LOGIN and AUTHENTICATE. */
export async function* welcome(context: Anyone, verdict: Admission | Refusal): Answers {
  if (isRefusal(verdict)) {
    const text = statusText(verdict.text)
    // A person must see this: the password is right, and trying again does not help.
    if (verdict.refused === 'grant-ended') yield `* NO [ALERT] ${text}\r\n`
    return { status: 'NO', code: codes[verdict.refused], text }
  }
  context.admit(verdict)
  // Clients that read it here need not ask again. RFC 9051 section 6.2.3.
  return { status: 'OK', code: `CAPABILITY ${context.capabilities()}`, text: 'Logged in' }
}

/** The answer where no password may cross. RFC 5530 section 3. */
export const privacyRequired: Completion = {
  status: 'NO',
  code: 'PRIVACYREQUIRED',
  text: 'Logins need TLS here: use STARTTLS or the TLS port',
}
