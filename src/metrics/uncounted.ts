import type { Counters } from './counters.ts'

/** For commands that end soon: nobody would read it. */
export const uncounted: Counters = {
  command() {},
  connected() {},
  disconnected() {},
  login() {},
  gmailAnswer() {},
  tokenRequest() {},
  send() {},
  trouble() {},
}
