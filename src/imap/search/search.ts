import type { MessageKey } from '#mail/ids.ts'
import type { MessageRecord } from '#mail/mailstore.ts'
import type { SaveDates } from '#mail/save-dates.ts'
import { keyAt } from '#mail/snapshot.ts'
import type { TextFinding } from '#mail/text-findings.ts'
import { foldForSearch } from '#mail/mime/search-fold.ts'
import type { Selected } from '../command.ts'
import { Places } from '../places.ts'
import { uidRequired } from '../refusals.ts'
import type { Turn } from '#wire/turn.ts'
import { columnOf } from './column.ts'
import { compile, type Ground } from './compile.ts'
import { Evidence, noEvidence } from './evidence.ts'
import { questionsFor } from './hints.ts'
import { findLabelled } from './labelled.ts'
import { everyKey, namesByNumber, Reach, reachOf, type SearchKey } from './key.ts'
import { Verdict, type Test } from './verdict.ts'

/** Keys that a record decides. */
const aboutRecords = [Reach.identity, Reach.summary, Reach.fields, Reach.header] as const
/** Messages looked at between two glances at the clock. */
const glance = 4096
/** Messages whose records are held at once while their bytes are read. */
const slice = 200

/**
 * The indexes into the view that match, ascending. What flags and numbers decide is decided from the view; records are
 * read only of what is left, and bytes only of what those leave open. Throws MailError.
 */
export async function findMatches(context: Selected, key: SearchKey): Promise<Uint32Array> {
  if (context.enabled.has('UIDONLY') && namesByNumber(key)) throw uidRequired()
  return new Search(context, key).run()
}

class Search {
  readonly #context: Selected
  readonly #key: SearchKey
  /** What the keys in the tree reach. */
  readonly #reaches = new Set<number>()
  readonly #turn: Turn
  readonly #hits: Uint8Array
  readonly #nowMs: number

  constructor(context: Selected, key: SearchKey) {
    this.#context = context
    this.#key = key
    for (const one of everyKey(key))
      if (one.kind !== 'and' && one.kind !== 'or' && one.kind !== 'not') this.#reaches.add(reachOf(one))
    this.#turn = context.turns.begin('work')
    this.#hits = new Uint8Array(context.view.told.uids.length)
    this.#nowMs = context.clock.now()
  }

  async run(): Promise<Uint32Array> {
    const ground = {
      view: this.#context.view,
      nowMs: this.#nowMs,
      gmail: await this.#askGmail(),
      labelled: await findLabelled(this.#context, this.#key),
      saved: await this.#saveDates(),
      findings: this.#findings(),
    }
    const decided = columnOf(this.#key, ground)
    if (decided !== undefined) return indexesOf(decided)
    const test = compile(this.#key, ground)
    let open: readonly number[] = await this.#byView(test)
    if (open.length > 0 && this.#reaches.has(Reach.identity)) open = await this.#byIdentity(open, test)
    if (open.length > 0 && this.#reaches.has(Reach.bytes)) open = await this.#sift(open, ground)
    if (open.length > 0) open = await this.#narrow(open, ground)
    const { progress } = this.#context
    if (progress !== undefined) progress.total = open.length
    for (let at = 0; at < open.length; at += slice) await this.#read(open.slice(at, at + slice), test)
    return indexesOf(this.#hits)
  }

  /** X-GM-RAW cannot be decided here, whatever is read. */
  async #askGmail(): Promise<Map<string, ReadonlySet<MessageKey>>> {
    const found = new Map<string, ReadonlySet<MessageKey>>()
    for (const key of everyKey(this.#key)) {
      if (key.kind !== 'gmail' || found.has(key.query)) continue
      const hint = { field: 'gmail', value: key.query } as const
      found.set(key.query, await this.#context.mailstore.candidates([hint], this.#context.signal))
    }
    return found
  }

  /** What is known of the texts from searches before this one. */
  #findings(): Map<SearchKey, TextFinding> {
    const findings = new Map<SearchKey, TextFinding>()
    for (const key of everyKey(this.#key))
      if (key.kind === 'body' || key.kind === 'text')
        findings.set(key, this.#context.mailstore.finding(key.kind, foldForSearch(key.text)))
    return findings
  }

  async #saveDates(): Promise<SaveDates | undefined> {
    const { mailstore, view } = this.#context
    if (!everyKey(this.#key).some(({ kind }) => kind === 'save-date')) return undefined
    return await mailstore.saveDates(view.told.mailbox)
  }

  async #byView(test: Test): Promise<number[]> {
    const open: number[] = []
    const count = this.#hits.length
    for (let from = 0; from < count; from += glance) {
      const to = Math.min(count, from + glance)
      for (let index = from; index < to; index++) if (this.#isOpen(index, test, noEvidence)) open.push(index)
      await this.#breathe()
    }
    return open
  }

  /** A message whose id at Gmail is not known is gone. */
  async #byIdentity(asked: readonly number[], test: Test): Promise<number[]> {
    const ids = await this.#context.mailstore.identities(this.#keysOf(asked))
    return asked.filter((index) => {
      const found = ids.get(this.#keyOf(index))
      return found !== undefined && this.#isOpen(index, test, new Evidence(found))
    })
  }

  /** Which messages cannot hold the text that is looked for is known without reading them. */
  async #sift(open: readonly number[], ground: Ground): Promise<readonly number[]> {
    const { mailstore, signal } = this.#context
    const texts = new Map<SearchKey, string>()
    for (const key of everyKey(this.#key))
      if (key.kind === 'body' || key.kind === 'text') texts.set(key, key.text)
    const keys = this.#keysOf(open)
    const holding = await mailstore.mayHold(keys, [...new Set(texts.values())], signal)
    const narrowed = new Map<SearchKey, ReadonlySet<MessageKey>>()
    for (const [key, text] of texts) {
      const found = holding.get(text) ?? new Set()
      narrowed.set(key, found)
      await this.#noteMissing(ground.findings?.get(key), keys, found)
    }
    const test = compile(this.#key, { ...ground, narrowed })
    return open.filter((index) => this.#isOpen(index, test, noEvidence))
  }

  async #noteMissing(
    finding: TextFinding | undefined,
    keys: readonly MessageKey[],
    found: ReadonlySet<MessageKey>,
  ): Promise<void> {
    for (let from = 0; from < keys.length; from += glance) {
      for (const key of keys.slice(from, from + glance)) if (!found.has(key)) finding?.note(key, false)
      await this.#breathe()
    }
  }

  /** Of messages that nobody has read yet, Gmail's search chooses those worth reading. */
  async #narrow(open: readonly number[], ground: Ground): Promise<readonly number[]> {
    const { mailstore, signal } = this.#context
    const questions = questionsFor(this.#key, this.#nowMs)
    if (questions.size === 0) return open
    const known = await mailstore.known(this.#keysOf(open))
    // A handful of messages is read as cheaply as Gmail is asked.
    if (open.length - known.size <= questions.size) return open
    const narrowed = new Map<SearchKey, ReadonlySet<MessageKey>>()
    for (const [key, hints] of questions) narrowed.set(key, await mailstore.candidates(hints, signal))
    const test = compile(this.#key, { ...ground, narrowed })
    return open.filter((index) => known.has(this.#keyOf(index)) || this.#isOpen(index, test, noEvidence))
  }

  /** Decides all of them, but for those that are gone. */
  async #read(indexes: readonly number[], test: Test): Promise<void> {
    const { mailstore, signal, progress } = this.#context
    const places = new Places(this.#context.view.told, indexes)
    let keys = places.keys
    let records: ReadonlyMap<MessageKey, MessageRecord> | undefined
    if (aboutRecords.some((reach) => this.#reaches.has(reach))) {
      records = await this.#readRecords(places, test)
      keys = [...records.keys()]
    }
    if (progress !== undefined) progress.done += indexes.length - keys.length
    if (keys.length === 0) return
    for await (const batch of mailstore.bodies(keys, signal))
      for (const { key, bytes, release } of batch) {
        const evidence = new Evidence(undefined, records?.get(key), bytes)
        for (const index of places.of(key)) this.#isOpen(index, test, evidence)
        release?.()
        if (progress !== undefined) progress.done++
        await this.#breathe()
      }
  }

  /** Gives the records of messages that they do not decide. */
  async #readRecords(places: Places, test: Test): Promise<Map<MessageKey, MessageRecord>> {
    const { mailstore, signal } = this.#context
    const fields = this.#reaches.has(Reach.fields) ? 'fields' : 'summary'
    const depth = this.#reaches.has(Reach.header) ? 'header' : fields
    const open = new Map<MessageKey, MessageRecord>()
    for await (const batch of mailstore.records(places.keys, depth, signal)) {
      for (const record of batch) {
        const evidence = new Evidence(undefined, record)
        for (const index of places.of(record.key))
          if (this.#isOpen(index, test, evidence)) open.set(record.key, record)
      }
      await this.#breathe()
    }
    return open
  }

  /** Notes a hit. */
  #isOpen(index: number, test: Test, evidence: Evidence): boolean {
    const verdict = test(index, evidence)
    if (verdict === Verdict.yes) this.#hits[index] = 1
    return verdict === Verdict.open
  }

  #keyOf(index: number): MessageKey {
    return keyAt(this.#context.view.told, index)
  }

  #keysOf(indexes: readonly number[]): MessageKey[] {
    return indexes.map((index) => this.#keyOf(index))
  }

  async #breathe(): Promise<void> {
    if (this.#turn.over) await this.#turn.next(this.#context.signal)
  }
}

function indexesOf(hits: Uint8Array): Uint32Array {
  let count = 0
  for (let index = 0; index < hits.length; index++) count += hits[index] as number
  const indexes = new Uint32Array(count)
  let at = 0
  for (let index = 0; index < hits.length; index++) if (hits[index] === 1) indexes[at++] = index
  return indexes
}
