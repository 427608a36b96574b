import type { FlagSet } from '#mail/flags.ts'
import type { MessageKey } from '#mail/ids.ts'
import { foldForSearch } from '#mail/mime/search-fold.ts'
import type { SaveDates } from '#mail/save-dates.ts'
import type { TextFinding } from '#mail/text-findings.ts'
import { hasSaved, inRanges, resolveRanges, withoutSaved, type NumberSet } from '#mail/number-set.ts'
import { lowerBound, type MailboxSnapshot } from '#mail/snapshot.ts'
import type { View } from '../view.ts'
import { cannotHold } from './cannot-hold.ts'
import { hasKeyword, tableOf } from './column.ts'
import type { Evidence } from './evidence.ts'
import { reachOf, type SearchKey } from './key.ts'
import { allOf, anyOf, opposite, Verdict, verdict, type Test } from './verdict.ts'

/** What tests are made against. */
export interface Ground {
  readonly view: View
  readonly nowMs: number
  /** What Gmail's search gave for each X-GM-RAW. */
  readonly gmail: ReadonlyMap<string, ReadonlySet<MessageKey>>
  /** The messages that have the label of each X-GM-LABELS. */
  readonly labelled: ReadonlyMap<SearchKey, ReadonlySet<MessageKey>>
  /** When the messages came into the mailbox, if that is asked. */
  readonly saved?: SaveDates | undefined
  /** What is known already of the text of a BODY or TEXT. */
  readonly findings?: ReadonlyMap<SearchKey, TextFinding> | undefined
  /** Messages outside such a set do not match the key. */
  readonly narrowed?: ReadonlyMap<SearchKey, ReadonlySet<MessageKey>>
}

/** A search key as a function. */
export function compile(key: SearchKey, ground: Ground): Test {
  const test = compileKey(key, ground)
  const set = ground.narrowed?.get(key)
  if (set === undefined) return test
  const { keys } = ground.view.told
  return (index, evidence) => (set.has(keys[index] as MessageKey) ? test(index, evidence) : Verdict.no)
}

function compileKey(key: SearchKey, ground: Ground): Test {
  const { told } = ground.view
  switch (key.kind) {
    case 'and':
      return allOf(cheapestFirst(key.keys).map((inner) => compile(inner, ground)))
    case 'or':
      return anyOf(cheapestFirst(key.keys).map((inner) => compile(inner, ground)))
    case 'not': {
      const test = compile(key.key, ground)
      return (index, evidence) => opposite(test(index, evidence))
    }
    case 'constant': {
      const result = verdict(key.matches)
      return () => result
    }
    case 'flag':
      return flagTest(told, ({ bits }) => ((bits & key.bits) !== 0) === key.set)
    case 'recent':
      return (index) => verdict(ground.view.recent.has(told.uids[index] as number))
    case 'keyword':
      return flagTest(told, (set) => hasKeyword(set, key.name) === key.set)
    case 'numbers':
      return numbersTest(ground.view, key.of, key.set)
    case 'modseq':
      return (index) => verdict((told.modSeqs[index] as number) >= key.least)
    case 'gmail': {
      const found = ground.gmail.get(key.query)
      return (index) => verdict(found?.has(told.keys[index] as MessageKey))
    }
    case 'label': {
      const found = ground.labelled.get(key)
      return (index) => verdict(found?.has(told.keys[index] as MessageKey))
    }
    case 'save-date': {
      const { saved } = ground
      return (index, { record }) => {
        // Where it is not known the internal date stands for it. RFC 8514 section 4.3.
        const at = saved?.of(told.uids[index] as number) ?? record?.internalDate
        return verdict(at === undefined ? undefined : at >= key.fromMs && at < key.beforeMs)
      }
    }
    case 'body':
    case 'text': {
      const wanted = foldForSearch(key.text)
      const finding = ground.findings?.get(key)
      const lookIn = (evidence: Evidence) => (key.kind === 'body' ? evidence.body() : evidence.text())
      return (index, evidence) => {
        const message = told.keys[index] as MessageKey
        const known = finding?.of(message)
        if (known !== undefined) return verdict(known)
        const has = lookIn(evidence)?.has(wanted)
        if (has !== undefined) finding?.note(message, has)
        return verdict(has)
      }
    }
    default:
      return evidenceTest(key, ground.nowMs)
  }
}

type EvidenceKey = Exclude<
  SearchKey,
  {
    kind:
      | 'and'
      | 'or'
      | 'not'
      | 'constant'
      | 'flag'
      | 'keyword'
      | 'recent'
      | 'numbers'
      | 'modseq'
      | 'gmail'
      | 'label'
      | 'save-date'
      | 'body'
      | 'text'
  }
>

function evidenceTest(key: EvidenceKey, nowMs: number): Test {
  switch (key.kind) {
    case 'identity':
      return (_, { ids }) =>
        verdict(
          ids === undefined ? undefined : (key.of === 'message' ? ids.messageId : ids.threadId) === key.id,
        )
    case 'internal-date':
      return (_, { record }) =>
        verdict(record && record.internalDate >= key.fromMs && record.internalDate < key.beforeMs)
    case 'age': {
      const limitMs = nowMs - key.seconds * 1000
      return (_, { record }) =>
        verdict(record && (key.older ? record.internalDate <= limitMs : record.internalDate >= limitMs))
    }
    case 'sent-day':
      return (_, { record }) => verdict(record && isBetween(record.summary.sentDay, key.from, key.to))
    case 'size':
      return (_, { record }) =>
        verdict(
          record &&
            (key.larger ? record.summary.sizeBytes > key.octets : record.summary.sizeBytes < key.octets),
        )
    case 'field': {
      const wanted = foldForSearch(key.text)
      return (_, evidence) => verdict(evidence.field(key.field)?.includes(wanted))
    }
    case 'header': {
      // "If the string to search is zero-length, this matches all messages that have a header field". RFC 9051 section 6.4.4.
      const wanted = foldForSearch(key.text)
      const name = key.name.toLowerCase()
      const isWord = wanted !== '' && !/\s/.test(wanted)
      return (_, evidence) => {
        const header = evidence.record?.header
        if (isWord && header !== undefined && cannotHold(header, name, wanted)) return Verdict.no
        return verdict(evidence.header(key.name)?.some((value) => value.includes(wanted)))
      }
    }
  }
}

/** A message without a readable Date was sent on no day. */
function isBetween(day: number | undefined, from: number, to: number): boolean {
  return day !== undefined && day >= from && day <= to
}

/** The answer for each combination of flags is worked out once. */
function flagTest(told: MailboxSnapshot, matches: (set: FlagSet) => boolean): Test {
  const verdicts = tableOf(told, matches)
  const { flags } = told
  return (index) => verdicts[flags[index] as number] as Verdict
}

/** Numbers that are not in use match nothing. */
function numbersTest(view: View, of: 'seq' | 'uid', set: NumberSet): Test {
  const { uids } = view.told
  const ranges = resolveRanges(withoutSaved(set), of === 'uid' ? (uids.at(-1) ?? 0) : uids.length)
  const isNamed = (index: number) => inRanges(ranges, of === 'uid' ? (uids[index] as number) : index + 1)
  if (!hasSaved(set)) return (index) => verdict(isNamed(index))
  const { saved } = view
  const isSaved = (uid: number) => saved[lowerBound(saved, uid)] === uid
  return (index) => verdict(isNamed(index) || isSaved(uids[index] as number))
}

/** What a flag decides needs no string compared. */
function cheapestFirst(keys: readonly SearchKey[]): SearchKey[] {
  return keys.toSorted((a, b) => cost(a) - cost(b))
}

function cost(key: SearchKey): number {
  return reachOf(key) * 2 + (key.kind === 'field' || key.kind === 'and' || key.kind === 'or' ? 1 : 0)
}
