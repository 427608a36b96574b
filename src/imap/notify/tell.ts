import { MailError } from '#mail/errors.ts'
import { lowerBound } from '#mail/snapshot.ts'
import type { Chunk, Selected } from '../command.ts'
import { tellUpdates } from '../context/tell-updates.ts'
import { fetchAnswers } from '../fetch/answers.ts'
import type { FetchItem } from '../fetch/item.ts'
import type { SelectedView } from '../selected-view.ts'
import type { NotifyFeed } from './feed.ts'

/** What a session hears with. */
export interface Hearing extends Selected {
  /** The mailbox that is selected, if one is. */
  readonly selected: SelectedView | undefined
  /** What the client asked for with NOTIFY; undefined when it never did. */
  readonly feed: NotifyFeed | undefined
}

/** What kind of moment it is. */
export interface Moment {
  /** Whether removed messages may be told of. RFC 9051 section 7.5.1. */
  readonly expunge: boolean
  /** A command changed messages of the selected mailbox: its answers are among what is told, whatever NOTIFY says. */
  readonly own?: boolean
}

/** Tells what changed since the last time: in the selected mailbox and, by NOTIFY, elsewhere. */
export async function* tell(context: Hearing, moment: Moment): AsyncGenerator<Chunk, void, void> {
  const { selected, feed } = context
  if (selected !== undefined) {
    yield* tellOfSelected(context, selected, moment)
    if (!selected.contexts.empty && !selected.gone) yield* tellUpdates(context, selected.contexts)
  }
  if (feed !== undefined) yield* feed.news(context, selected?.mailbox.id)
}

async function* tellOfSelected(
  context: Hearing,
  selected: SelectedView,
  { expunge, own = false }: Moment,
): AsyncGenerator<Chunk, void, void> {
  const { feed, enabled } = context
  const wanted = feed?.selected
  const all = feed === undefined || own
  if (!all && wanted?.messages !== true) {
    selected.follow()
    return
  }
  const known = selected.told.uids.at(-1) ?? 0
  yield* selected.sync(expunge, enabled, { flags: all || wanted?.flags === true })
  if (wanted !== undefined && wanted.items.length > 0)
    yield* tellOfNew(context, selected, wanted.items, known)
}

/**
 * The data items that were asked for with MessageNew, of every message above the last known UID. RFC 5465 section 5.2.
 * Nobody asked for this FETCH in particular, so it names the mod-sequence where CONDSTORE is on. RFC 7162 section 3.1.
 */
async function* tellOfNew(
  context: Hearing,
  { told }: SelectedView,
  items: readonly FetchItem[],
  known: number,
): AsyncGenerator<Chunk, void, void> {
  const from = lowerBound(told.uids, known + 1)
  const count = told.uids.length - from
  if (count <= 0) return
  try {
    yield* fetchAnswers(
      context,
      Uint32Array.from({ length: count }, (_, at) => from + at),
      context.enabled.has('CONDSTORE') ? withModSeq(items) : items,
    )
  } catch (error) {
    // The client knows that the message is there, and can ask.
    if (!(error instanceof MailError) || context.signal.aborted) throw error
    context.log.debug({ code: error.code }, 'New messages cannot be told of whole')
  }
}

function withModSeq(items: readonly FetchItem[]): readonly FetchItem[] {
  const has = items.some(({ label }) => label === 'MODSEQ')
  return has ? items : [...items, { kind: 'plain', label: 'MODSEQ' }]
}
