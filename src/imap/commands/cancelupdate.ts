import { command } from '../command.ts'
import type { Storing } from '../session-context.ts'

/** More tags than contexts there can be. */
const tagLimit = 100

/** No more news of these searches. One that is not kept any more is no mistake: NOUPDATE may be on its way. RFC 5267 section 4.3.6. */
export const cancelUpdate = command<readonly string[], Storing>({
  name: 'CANCELUPDATE',
  rfc: '5267 4.3.5',
  state: 'selected',
  capability: 'CONTEXT=SEARCH',
  // cancelupdate = "CANCELUPDATE" 1*(SP quoted)
  parse(parser) {
    const tags: string[] = []
    do {
      parser.space()
      tags.push(parser.string().toString('latin1'))
      if (tags.length > tagLimit) parser.fail(`More than ${tagLimit} tags`)
    } while (parser.rest > 0)
    parser.end()
    return tags
  },
  // oxlint-disable-next-line require-yield -- there is nothing to tell
  async *run({ view }, tags) {
    for (const tag of tags) view.contexts.cancel(tag)
    return undefined
  },
})
