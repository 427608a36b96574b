import { readWatch } from './answers.ts'
import type { Engine } from './engine.ts'
import type { GmailWatching } from './gmail.ts'
import { parseObject } from './json-answer.ts'
import { Ticket } from './ticket.ts'

const userId = 'me'

/** The call that has Gmail tell of changes. */
export function createWatching(engine: Engine): GmailWatching {
  return {
    watch: (topicName, call) =>
      engine.perform(
        'watch',
        new Ticket(call),
        (api, per) => api.users.watch({ userId, requestBody: { topicName } }, per),
        (body) => readWatch(parseObject(body)),
      ),
  }
}
