import { keyAt } from '#mail/snapshot.ts'
import type { Batch } from '../batch.ts'
import type { Chunk, Selected } from '../command.ts'
import { AnswerWriter } from './answer.ts'
import { factsAtHand } from './at-hand.ts'
import type { FetchItem } from './item.ts'
import { recentFor } from '../recent.ts'
import { planFetch, Source } from './plan.ts'

/** For more messages the ways through store and cache are not what takes time. */
const few = 8
/** Octets from here on are passed on as they are. */
const passOnBytes = 2048

/**
 * The untagged answers about a few messages, in the order of the view, when everything that is asked for is in memory and
 * nothing is to be changed; else undefined.
 */
export function answersAtHand(
  context: Selected,
  indexes: Uint32Array,
  items: readonly FetchItem[],
): readonly Chunk[] | undefined {
  if (indexes.length > few) return undefined
  const plan = planFetch(items)
  if (plan.source === Source.snapshot || plan.setsSeen || plan.labels || plan.saveDates) return undefined
  const { told } = context.view
  const keys = Array.from(indexes, (index) => keyAt(told, index))
  const found = factsAtHand(context.mailstore, keys, plan)
  if (found === undefined) return undefined
  const pieces = new Pieces()
  const writer = new AnswerWriter(pieces, told, items, {
    recent: recentFor(context.enabled, context.view.recent),
  })
  for (const [i, facts] of found.entries()) writer.write(indexes[i] as number, facts)
  // That has an end of its own.
  return writer.unknownEncoding ? undefined : pieces.all()
}

/** Text stays text: so little of it is not worth a buffer. */
class Pieces implements Pick<Batch, 'text' | 'octets'> {
  readonly #chunks: Chunk[] = []
  #text = ''

  text(latin1: string): void {
    this.#text += latin1
  }

  octets(bytes: Uint8Array): void {
    if (bytes.length < passOnBytes) {
      this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
      return
    }
    this.#close()
    this.#chunks.push(bytes)
  }

  all(): readonly Chunk[] {
    this.#close()
    return this.#chunks
  }

  #close(): void {
    if (this.#text !== '') this.#chunks.push(this.#text)
    this.#text = ''
  }
}
