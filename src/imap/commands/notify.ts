import { command, speaksUtf8 } from '../command.ts'
import { NotifyFeed } from '../notify/feed.ts'
import { readNotifyArguments, supportedEvents, type NotifyArgs } from '../notify/arguments.ts'
import { nothing } from '../notify/request.ts'
import { tell } from '../notify/tell.ts'
import type { Notifying } from '../session-context.ts'

/** What a client wants to hear of without asking, in the selected mailbox and elsewhere. RFC 5465. */
export const notify = command<NotifyArgs, Notifying>({
  name: 'NOTIFY',
  rfc: '5465 3.1',
  state: 'authenticated',
  capability: 'NOTIFY',
  parse: readNotifyArguments,
  async *run(context, args) {
    if (args.kind === 'unsupported')
      return {
        status: 'NO',
        code: `BADEVENT (${supportedEvents.join(' ')})`,
        text: 'An event is not known here',
      }
    if (args.kind === 'none') {
      context.hear(await NotifyFeed.open(nothing, context))
      return undefined
    }
    const request = args.request(speaksUtf8(context.enabled))
    if (request.selected?.items.some(({ label }) => label === 'MODSEQ') === true)
      context.enabled.add('CONDSTORE')
    // What waited under the former request is told first. RFC 5465 section 3.1.
    yield* tell(context, { expunge: true })
    const feed = await NotifyFeed.open(request, context)
    context.hear(feed)
    if (args.status) yield* feed.counts(context, context.selected?.mailbox.id)
    return undefined
  },
})
