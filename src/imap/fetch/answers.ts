import type { MessageKey } from '#mail/ids.ts'
import { Batch } from '../batch.ts'
import { speaksUtf8, type Chunk, type Selected } from '../command.ts'
import { visibleLabels } from '../gmail-labels.ts'
import { AnswerWriter } from './answer.ts'
import type { MailboxFacts } from './facts.ts'
import type { FetchItem } from './item.ts'
import { withPauses } from './pauses.ts'
import { factsAtHand, type KeyedFacts } from './at-hand.ts'
import { Places } from '../places.ts'
import { depths, planFetch, Source, type Plan } from './plan.ts'
import { recentFor } from '../recent.ts'
import { readMessages } from './read-messages.ts'
import { SeenMarker } from './seen.ts'
import { SnapshotAnswers } from './snapshot-answers.ts'

/** What became of a FETCH. */
interface Outcome {
  /** How many messages were answered about; the others are gone. */
  readonly answered: number
  readonly unknownEncoding: boolean
}

/**
 * The untagged answers about the messages at these indexes of the view: from the view alone where it suffices, else from
 * records, else from the messages; each is sent as soon as what it needs is there.
 */
export async function* fetchAnswers(
  context: Selected,
  indexes: Uint32Array,
  items: readonly FetchItem[],
): AsyncGenerator<Chunk, Outcome, void> {
  if (context.progress !== undefined) context.progress.total = indexes.length
  const plan = planFetch(items)
  if (plan.source === Source.snapshot) return yield* fromSnapshot(context, indexes, items)
  const batch = new Batch()
  const { told } = context.view
  const places = new Places(told, indexes)
  const inMailbox: MailboxFacts = {
    labels: plan.labels ? await labelsFor(context, places.keys) : undefined,
    saved: plan.saveDates ? await context.mailstore.saveDates(told.mailbox) : undefined,
    recent: recentFor(context.enabled, context.view.recent),
  }
  const writer = new AnswerWriter(batch, told, items, {
    ...inMailbox,
    uidOnly: context.enabled.has('UIDONLY'),
  })
  const seen = new SeenMarker(context, plan.setsSeen)
  const turn = context.turns.begin('download')
  let answered = 0
  const pause = async function* (): AsyncGenerator<Chunk, void, void> {
    if (context.progress !== undefined) context.progress.done = answered
    yield* batch.rest()
    if (seen.full) await seen.mark()
    await turn.next(context.signal)
  }
  try {
    const atHand = factsAtHand(context.mailstore, places.keys, plan)
    const source = atHand === undefined ? withPauses(factsFor(context, places.keys, plan)) : [atHand]
    for await (const some of source) {
      if (some === undefined) yield* batch.rest()
      for (const facts of some ?? []) {
        for (const index of places.of(facts.key)) {
          writer.write(index, facts)
          seen.sent(index)
          answered++
        }
        const isFull = batch.waiting
        if (isFull) for (const chunk of batch.full()) yield chunk
        facts.release?.()
        // Long messages are many turns.
        if ((isFull && turn.over) || seen.full) yield* pause()
      }
      if (context.progress !== undefined) context.progress.done = answered
      if (turn.over) yield* pause()
    }
  } catch (error) {
    // What was read before the trouble is the client's.
    yield* batch.rest()
    if (!context.signal.aborted) await seen.mark()
    throw error
  }
  yield* batch.rest()
  await seen.mark()
  return { answered, unknownEncoding: writer.unknownEncoding }
}

async function labelsFor(
  context: Selected,
  keys: readonly MessageKey[],
): Promise<NonNullable<MailboxFacts['labels']>> {
  const { view, mailstore, rights, enabled } = context
  const { id } = view.mailbox
  let of: ReadonlyMap<MessageKey, readonly string[]> =
    id === undefined ? new Map() : await mailstore.labelsOf(id, keys)
  if (rights.mailboxes !== undefined) {
    const isVisible = await visibleLabels(context)
    of = new Map([...of].map(([key, labels]) => [key, labels.filter(isVisible)]))
  }
  return { of, utf8: speaksUtf8(enabled) }
}

async function* fromSnapshot(
  { view, enabled, turns, signal }: Selected,
  indexes: Uint32Array,
  items: readonly FetchItem[],
): AsyncGenerator<Chunk, Outcome, void> {
  const answers = new SnapshotAnswers(view.told, items, {
    uidOnly: enabled.has('UIDONLY'),
    recent: recentFor(enabled, view.recent),
  })
  const turn = turns.begin('download')
  for (const chunk of answers.chunks(indexes)) {
    yield chunk
    if (turn.over) await turn.next(signal)
  }
  return { answered: indexes.length, unknownEncoding: false }
}

/** What the plan wants read, in batches as they come. */
async function* factsFor(
  { mailstore, signal }: Selected,
  keys: readonly MessageKey[],
  plan: Plan,
): AsyncGenerator<readonly KeyedFacts[], void, void> {
  if (keys.length === 0) return
  switch (plan.source) {
    case Source.identity:
      yield [...(await mailstore.identities(keys))].map(([key, ids]) => ({ key, ids }))
      break
    case Source.bytes:
      yield* readMessages(mailstore, keys, plan, signal)
      break
    case Source.snapshot:
      break
    default: {
      for await (const batch of mailstore.records(keys, depths[plan.source], signal))
        yield batch.map((record) => ({ key: record.key, record }))
    }
  }
}
