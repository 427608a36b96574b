import { isCommon } from '#mail/mime/common-fields.ts'
import { withoutSaved, type NumberSet } from '#mail/number-set.ts'

/** Fields whose decoded text is kept in the record. */
export type TextField = 'from' | 'to' | 'cc' | 'bcc' | 'subject'

/** One search key, as data. RFC 9051 section 6.4.4. Text is Unicode, as the client wrote it. */
export type SearchKey =
  | { readonly kind: 'and'; readonly keys: readonly SearchKey[] }
  | { readonly kind: 'or'; readonly keys: readonly SearchKey[] }
  | { readonly kind: 'not'; readonly key: SearchKey }
  /** ALL matches everything. */
  | { readonly kind: 'constant'; readonly matches: boolean }
  /** Whether any of the bits is set. */
  | { readonly kind: 'flag'; readonly bits: number; readonly set: boolean }
  | { readonly kind: 'recent' }
  | { readonly kind: 'keyword'; readonly name: string; readonly set: boolean }
  | { readonly kind: 'numbers'; readonly of: 'seq' | 'uid'; readonly set: NumberSet }
  /** RFC 7162 section 3.1.5. */
  | { readonly kind: 'modseq'; readonly least: number }
  /** RFC 8474 section 5, X-GM-MSGID, X-GM-THRID: hexadecimal in lower case. */
  | { readonly kind: 'identity'; readonly of: 'message' | 'thread'; readonly id: string }
  /** Gmail's own search. */
  | { readonly kind: 'gmail'; readonly query: string }
  /** X-GM-LABELS: the octets of a label's name. */
  | { readonly kind: 'label'; readonly octets: Buffer }
  /** From `fromMs` on, before `beforeMs`; epoch milliseconds. */
  | { readonly kind: 'internal-date'; readonly fromMs: number; readonly beforeMs: number }
  /** The same of when it came into the mailbox. RFC 8514 section 4.3. */
  | { readonly kind: 'save-date'; readonly fromMs: number; readonly beforeMs: number }
  /** RFC 5032 section 3: at least or at most this old. */
  | { readonly kind: 'age'; readonly older: boolean; readonly seconds: number }
  /** Days as YYYYMMDD, both included. */
  | { readonly kind: 'sent-day'; readonly from: number; readonly to: number }
  | { readonly kind: 'size'; readonly larger: boolean; readonly octets: number }
  | { readonly kind: 'field'; readonly field: TextField; readonly text: string }
  | { readonly kind: 'header'; readonly name: string; readonly text: string }
  | { readonly kind: 'body'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }

/** Whether messages are named by their numbers; `$` stands for UIDs. */
export function namesByNumber(tree: SearchKey): boolean {
  for (const key of everyKey(tree))
    if (key.kind === 'numbers' && key.of === 'seq' && withoutSaved(key.set).length > 0) return true
  return false
}

/** All keys of a tree, the outer ones first. */
export function* everyKey(key: SearchKey): Generator<SearchKey, void, void> {
  yield key
  if (key.kind === 'and' || key.kind === 'or') for (const inner of key.keys) yield* everyKey(inner)
  else if (key.kind === 'not') yield* everyKey(key.key)
}

/** What must be read of a message before a key can be decided; the dearer the later. */
export const Reach = { snapshot: 0, identity: 1, summary: 2, fields: 3, header: 4, bytes: 5 } as const
type Reach = (typeof Reach)[keyof typeof Reach]

const reaches: Record<Exclude<SearchKey['kind'], 'and' | 'or' | 'not'>, Reach> = {
  constant: Reach.snapshot,
  flag: Reach.snapshot,
  recent: Reach.snapshot,
  keyword: Reach.snapshot,
  numbers: Reach.snapshot,
  modseq: Reach.snapshot,
  gmail: Reach.snapshot,
  label: Reach.snapshot,
  identity: Reach.identity,
  'internal-date': Reach.summary,
  'save-date': Reach.summary,
  age: Reach.summary,
  'sent-day': Reach.summary,
  size: Reach.summary,
  field: Reach.summary,
  header: Reach.header,
  body: Reach.bytes,
  text: Reach.bytes,
}

/** The reach of the dearest key in the tree. */
export function reachOf(key: SearchKey): Reach {
  if (key.kind === 'not') return reachOf(key.key)
  if (key.kind === 'header' && isCommon(key.name)) return Reach.fields
  if (key.kind !== 'and' && key.kind !== 'or') return reaches[key.kind]
  let reach: Reach = Reach.snapshot
  for (const inner of key.keys) reach = Math.max(reach, reachOf(inner)) as Reach
  return reach
}
