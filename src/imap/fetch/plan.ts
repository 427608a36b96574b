import { areCommon } from '#mail/mime/common-fields.ts'
import type { FetchItem, PlainName } from './item.ts'

/** Where an item's value comes from, cheapest first. */
export const Source = {
  /** The session's view: nothing is read. */
  snapshot: 0,
  /** Gmail's ids, from the index. */
  identity: 1,
  /** The record without the header. */
  summary: 2,
  /** The record with the common fields of the header. */
  fields: 3,
  /** The record with the header. */
  header: 4,
  /** The message itself. */
  bytes: 5,
} as const
type Source = (typeof Source)[keyof typeof Source]

/** What is asked of a record for each source. */
export const depths = {
  [Source.summary]: 'summary',
  [Source.fields]: 'fields',
  [Source.header]: 'header',
} as const

const plainSources: Record<PlainName, Source> = {
  UID: Source.snapshot,
  FLAGS: Source.snapshot,
  MODSEQ: Source.snapshot,
  EMAILID: Source.identity,
  THREADID: Source.identity,
  'X-GM-MSGID': Source.identity,
  'X-GM-THRID': Source.identity,
  'X-GM-LABELS': Source.identity,
  SAVEDATE: Source.identity,
  INTERNALDATE: Source.summary,
  'RFC822.SIZE': Source.summary,
  ENVELOPE: Source.summary,
  BODY: Source.summary,
  BODYSTRUCTURE: Source.summary,
}

/** What has to be read to answer. */
export interface Plan {
  /** The dearest source that some item needs. */
  readonly source: Source
  /** With `bytes`: whether a record is needed beside them. */
  readonly records: boolean
  /** Whether clients ask for pieces of the same message again and again. */
  readonly pieces: boolean
  readonly setsSeen: boolean
  /** Whether Gmail's labels are wanted, from the index. */
  readonly labels: boolean
  /** Whether it is wanted when they came into the mailbox, from the index. */
  readonly saveDates: boolean
}

export function planFetch(items: readonly FetchItem[]): Plan {
  let source: Source = Source.snapshot
  for (const item of items) source = Math.max(source, sourceOf(item)) as Source
  return {
    source,
    records: items.some((item) => needsRecord(item)),
    pieces: items.some((item) => 'partial' in item && (item.partial !== undefined || hasPath(item))),
    setsSeen: items.some((item) => 'setsSeen' in item && item.setsSeen),
    labels: items.some(({ label }) => label === 'X-GM-LABELS'),
    saveDates: items.some(({ label }) => label === 'SAVEDATE'),
  }
}

function sourceOf(item: FetchItem): Source {
  switch (item.kind) {
    case 'plain':
      return plainSources[item.label]
    case 'section': {
      const { path, kind, fields, not } = item.section
      if (path.length > 0 || kind !== 'HEADER') return Source.bytes
      return fields !== undefined && !not && areCommon(fields) ? Source.fields : Source.header
    }
    case 'preview':
      // A lazy preview is told when the message is read anyway; it is not worth a download.
      return item.lazy ? Source.snapshot : Source.bytes
    case 'binary':
    case 'binary-size':
      return Source.bytes
  }
}

/** Sizes and headers can be taken from the bytes. */
function needsRecord(item: FetchItem): boolean {
  if (item.kind !== 'plain' || item.label === 'RFC822.SIZE') return false
  return plainSources[item.label] === Source.summary || plainSources[item.label] === Source.identity
}

function hasPath(item: FetchItem): boolean {
  return item.kind === 'binary' || (item.kind === 'section' && item.section.path.length > 0)
}
