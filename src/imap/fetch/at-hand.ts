import type { MessageKey } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import type { Facts } from './facts.ts'
import { openAtHand } from './bodies-kept.ts'
import { OpenedMessage } from './opened-message.ts'
import { depths, Source, type Plan } from './plan.ts'

/** What is known of one message. */
export type KeyedFacts = Facts & { readonly key: MessageKey }

/** For more messages the ways through store and cache are not what takes time. */
const few = 8

/** What the plan wants of a few messages when all of it is in memory, as is usual while somebody reads; else undefined. */
export function factsAtHand(
  mailstore: Mailstore,
  keys: readonly MessageKey[],
  plan: Plan,
): readonly KeyedFacts[] | undefined {
  if (keys.length > few) return undefined
  const found: KeyedFacts[] = []
  for (const key of keys) {
    const facts =
      plan.source === Source.bytes ? bodyFacts(mailstore, key, plan) : recordFacts(mailstore, key, plan)
    if (facts === undefined) return undefined
    found.push(facts)
  }
  return found
}

function bodyFacts(mailstore: Mailstore, key: MessageKey, { records, pieces }: Plan): KeyedFacts | undefined {
  const record = records ? mailstore.recordAtHand?.(key, 'summary') : undefined
  if (records && record === undefined) return undefined
  if (pieces) {
    const message = openAtHand(mailstore, key)
    return message === undefined ? undefined : { key, message, record }
  }
  const bytes = mailstore.bodyAtHand?.(key)
  return bytes === undefined ? undefined : { key, message: new OpenedMessage(bytes), record }
}

function recordFacts(mailstore: Mailstore, key: MessageKey, { source }: Plan): KeyedFacts | undefined {
  if (source === Source.snapshot || source === Source.bytes) return undefined
  const depth = source === Source.identity ? 'summary' : depths[source]
  const record = mailstore.recordAtHand?.(key, depth)
  return record === undefined ? undefined : { key, record, ids: record }
}
