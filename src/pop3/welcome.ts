import type { Answers } from './command.ts'
import { loginRefusal } from './refusals.ts'
import type { Anyone, Verdict } from './session-context.ts'

/** Lets in whom the doorman lets in, and says why to the others: the end of PASS and AUTH. */
export async function* welcome(context: Anyone, verdict: Verdict): Answers {
  if ('refused' in verdict) {
    yield loginRefusal(verdict)
    return
  }
  const maildrop = await context.enter(verdict.admission, verdict.name)
  const { count, sizeBytes } = maildrop.totals()
  yield `+OK ${count} messages (${sizeBytes} octets)\r\n`
}
