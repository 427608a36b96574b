import { messageId, threadId } from '#mail/ids.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { Mailstore, MessageRecord, RecordDepth, SearchHint } from '#mail/mailstore.ts'
import { commonFields } from '#mail/mime/common-fields.ts'
import { summarise } from '#mail/mime/summarise.ts'
import { wantedOf, mayHold, sieveOf, type Wanted } from '#mail/mime/text-sieve.ts'
import type { MemoryInside } from './memory-inside.ts'
import type { Message } from './memory-model.ts'

const recordsPerBatch = 200

type Reading = Pick<
  Mailstore,
  'known' | 'mayHold' | 'finding' | 'records' | 'identities' | 'body' | 'bodies' | 'candidates'
>

/** What there is to know of messages. */
export function memoryReading(inside: MemoryInside): Reading {
  const { messages, unread, controls } = inside

  function mayHoldWanted(key: MessageKey, wanted: Wanted): boolean {
    const message = messages.get(key)
    const sieve = message === undefined || unread.has(key) ? undefined : sieveOf(message.bytes)
    return sieve === undefined || mayHold(sieve, wanted)
  }

  async function body(key: MessageKey, signal: AbortSignal): Promise<Buffer> {
    await controls.gate?.(key)
    inside.check(signal)
    controls.bodiesRead.push(key)
    return inside.messageOf(key).bytes
  }

  return {
    body,

    async *bodies(keys, signal) {
      for (const key of keys) if (messages.has(key)) yield [{ key, bytes: await body(key, signal) }]
    },

    async known(keys) {
      return new Set(keys.filter((key) => messages.has(key) && !unread.has(key)))
    },

    async mayHold(keys, texts) {
      return new Map(
        texts.map((text) => {
          const wanted = wantedOf(text)
          return [text, new Set(keys.filter((key) => wanted === undefined || mayHoldWanted(key, wanted)))]
        }),
      )
    },

    finding: (place, folded) => inside.findings.of(place, folded),

    async *records(keys, depth, signal) {
      const ready = keys.filter((key) => !unread.has(key))
      for (let i = 0; i < ready.length; i += recordsPerBatch) {
        inside.check(signal)
        yield ready.slice(i, i + recordsPerBatch).flatMap((key) => recordOf(messages, key, depth) ?? [])
      }
      for (const key of keys) {
        if (!unread.has(key)) continue
        await controls.gate?.(key)
        inside.check(signal)
        unread.delete(key)
        const record = recordOf(messages, key, depth)
        if (record !== undefined) yield [record]
      }
    },

    async identities(keys) {
      const records = keys.flatMap((key) => recordOf(messages, key, 'summary') ?? [])
      return new Map(records.map((one) => [one.key, { messageId: one.messageId, threadId: one.threadId }]))
    },

    async candidates(hints, signal) {
      inside.check(signal)
      return new Set(
        [...messages].filter(([, message]) => hints.every((hint) => fits(message, hint))).map(([key]) => key),
      )
    },
  }
}

function recordOf(
  messages: ReadonlyMap<MessageKey, Message>,
  key: MessageKey,
  depth: RecordDepth,
): MessageRecord | undefined {
  const message = messages.get(key)
  if (message === undefined) return undefined
  if (message.record === undefined) {
    const { summary, header } = summarise(message.bytes)
    const id = (0x18c0_0000_0000 + key).toString(16)
    message.record = {
      key,
      messageId: messageId(id),
      threadId: threadId(id),
      internalDate: message.internalDate,
      summary,
      header,
    }
  }
  const { header } = message.record
  if (depth === 'header' || header === undefined) return message.record
  return { ...message.record, header: depth === 'fields' ? (commonFields(header) ?? header) : undefined }
}

/** As coarse as a search engine: every word of the text must be somewhere in the message. */
function fits(message: Message, { field, value }: SearchHint): boolean {
  switch (field) {
    case 'since':
      return message.internalDate >= Number(value)
    case 'before':
      return message.internalDate < Number(value)
    case 'larger':
      return message.bytes.length > Number(value)
    case 'smaller':
      return message.bytes.length < Number(value)
    default: {
      const text = message.bytes.toString('utf8').toLowerCase()
      return value
        .toLowerCase()
        .split(/\W+/)
        .every((word) => text.includes(word))
    }
  }
}
