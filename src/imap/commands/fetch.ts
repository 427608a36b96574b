import { hasSaved, type NumberRange } from '#mail/number-set.ts'
import { command, type Selected } from '../command.ts'
import { fetchAnswers } from '../fetch/answers.ts'
import { answersAtHand } from '../fetch/at-once.ts'
import { readFetchArguments, type FetchArgs } from '../fetch/arguments.ts'
import { pageOf } from '../partial-range.ts'
import { vanishedEarlier } from '../resync/vanished-earlier.ts'

/** Data of messages, with CONDSTORE, QRESYNC, PARTIAL, BINARY, OBJECTID, PREVIEW and Gmail's ids. RFC 9051 section 6.4.5. */
export const fetch = command<FetchArgs, Selected>({
  name: 'FETCH',
  rfc: '9051 6.4.5',
  state: 'selected',
  uid: true,
  holdsExpunges: true,
  parse: readFetchArguments,
  async *run(context, args) {
    const { view, enabled } = context
    // RFC 7162 section 3.1: MODSEQ and CHANGEDSINCE are CONDSTORE-enabling.
    if (args.items.some(({ label }) => label === 'MODSEQ')) enabled.add('CONDSTORE')
    if (args.vanished) {
      if (!enabled.has('QRESYNC')) return { status: 'BAD', text: 'ENABLE QRESYNC first' }
      const set = hasSaved(args.set) ? [...args.set.ranges, ...rangesOf(view.saved)] : args.set
      const vanished = await vanishedEarlier(context.mailstore, view.told, args.changedSince ?? 0, set)
      if (vanished !== '') yield vanished
    }
    let indexes = args.uid ? view.indexesOfUids(args.set) : view.indexesOfSeqs(args.set)
    const { changedSince, page } = args
    // "First select the last 30 messages and then only return flag changes" of those. RFC 9394 section 3.4.
    if (page !== undefined) indexes = pageOf(indexes, page)
    // UIDFETCH has the UID already. RFC 9586 section 3.3.
    const others = args.items.filter(({ label }) => label !== 'UID')
    const items = enabled.has('UIDONLY') && others.length > 0 ? others : args.items
    if (changedSince !== undefined) {
      const { modSeqs } = view.told
      indexes = indexes.filter((index) => (modSeqs[index] as number) > changedSince)
    }
    const { answered, unknownEncoding } = yield* fetchAnswers(context, indexes, items)
    if (unknownEncoding)
      return { status: 'NO', code: 'UNKNOWN-CTE', text: 'A transfer encoding is not known' }
    if (answered === indexes.length) return undefined
    // "The server MAY … return an OK or NO after it has sent all that there is". RFC 2180 section 4.1, RFC 5530 section 3.
    const text = 'Some of the messages no longer exist'
    return { status: answered === 0 && !args.uid ? 'NO' : 'OK', code: 'EXPUNGEISSUED', text }
  },
  /** As mail programs read: one message, or a few, of which everything is in memory. */
  atOnce(context, { uid, set, items, vanished, changedSince, page }) {
    const { view, enabled } = context
    if (vanished || changedSince !== undefined || page !== undefined || enabled.has('UIDONLY'))
      return undefined
    if (items.some(({ label }) => label === 'MODSEQ')) return undefined
    const indexes = uid ? view.indexesOfUids(set) : view.indexesOfSeqs(set)
    const chunks = answersAtHand(context, indexes, items)
    return chunks === undefined ? undefined : { chunks, completion: undefined }
  },
})

function rangesOf(uids: Uint32Array): NumberRange[] {
  return Array.from(uids, (uid) => ({ from: uid, to: uid }))
}
