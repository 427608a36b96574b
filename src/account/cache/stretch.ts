import type { MessageId } from '#mail/ids.ts'
import type { Place } from './place-table.ts'

/** What one read of the disk takes, unless a single message is longer. */
const stretchBytes = 1024 * 1024
/** So much between two messages is read along: cheaper than another read. */
const gapBytes = 16 * 1024

/** A message that is wanted, and where it lies. */
export interface Wanted extends Place {
  readonly id: MessageId
}

/** Messages that lie close together in a segment: they are read at once. */
export interface Stretch {
  readonly segment: number
  readonly offset: number
  readonly length: number
  /** In the order in which they were asked for. */
  readonly messages: readonly Wanted[]
}

/** Groups messages by where they lie. Stretches come in the order in which the first message of each was asked for. */
export function stretchesOf(wanted: readonly Wanted[]): Stretch[] {
  const asked = new Map(wanted.map(({ id }, index) => [id, index]))
  const rank = ({ id }: Wanted) => asked.get(id) as number
  const byPlace = wanted.toSorted((a, b) => a.segment - b.segment || a.offset - b.offset)
  const stretches: Stretch[] = []
  for (let from = 0; from < byPlace.length;) {
    const { segment, offset, length } = byPlace[from] as Wanted
    let end = offset + length
    let to = from + 1
    for (; to < byPlace.length; to++) {
      const next = byPlace[to] as Wanted
      const nextEnd = next.offset + next.length
      if (next.segment !== segment || next.offset > end + gapBytes || nextEnd > offset + stretchBytes) break
      end = nextEnd
    }
    const messages = byPlace.slice(from, to).toSorted((a, b) => rank(a) - rank(b))
    stretches.push({ segment, offset, length: end - offset, messages })
    from = to
  }
  return stretches.toSorted((a, b) => rank(a.messages[0] as Wanted) - rank(b.messages[0] as Wanted))
}

/** Octets of the messages, as they lie on disk. */
export function sizeOf(stretches: readonly Stretch[]): number {
  let sum = 0
  for (const { messages } of stretches) for (const { length } of messages) sum += length
  return sum
}
