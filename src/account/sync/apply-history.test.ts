import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import * as fc from 'fast-check'
import { createSeal } from '#auth/seal.ts'
import type { HistoryEvent } from '#gmail/gmail.ts'
import { labelId, messageId, threadId } from '#mail/ids.ts'
import type { LabelId, MessageId } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import type { AccountStore } from '#store/store.ts'
import { Book } from '../book.ts'
import { bitsOfLabels, labelBits, placesOfLabels } from '../label-rules.ts'
import { placesOf, readMemberships, readPresent } from '../present.ts'
import { silence } from '../testing/house.ts'
import { applyHistory } from './apply-history.ts'
import { applyLabels } from './apply-labels.ts'
import { foldHistory } from './history-fold.ts'
import type { Effects } from './history-fold.ts'

const system = ['INBOX', 'SENT', 'DRAFT', 'SPAM', 'TRASH', 'STARRED', 'IMPORTANT', 'UNREAD', 'CHAT']
const labels = [...system, 'Label_1', 'Label_2'].map(labelId)

/** What may happen to a mailbox. */
type Step =
  | { readonly do: 'add'; readonly message: number; readonly labels: LabelId[] }
  | { readonly do: 'change'; readonly message: number; readonly add: LabelId[]; readonly remove: LabelId[] }
  | { readonly do: 'delete'; readonly message: number }
  | { readonly do: 'read' }

const someLabels = fc.uniqueArray(fc.constantFrom(...labels), { maxLength: 4 })
const message = fc.integer({ min: 1, max: 3 })
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), message, labels: someLabels }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('change' as const),
        message,
        add: someLabels,
        remove: someLabels,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), message }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const) }) },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
)

/** A mailbox as Gmail has it, with the history since the last reading. */
class Model {
  readonly messages = new Map<MessageId, Set<LabelId>>()
  events: HistoryEvent[] = []
  readonly #tellsNow: boolean
  #generation = 0
  readonly #ids = new Map<number, MessageId>()

  /** `tellsNow`: records carry the labels of the moment of reading, not of their own moment. */
  constructor(tellsNow: boolean) {
    this.#tellsNow = tellsNow
  }

  take(step: Exclude<Step, { do: 'read' }>): void {
    const id = this.#ids.get(step.message)
    const present = id === undefined ? undefined : this.messages.get(id)
    if (step.do === 'add') {
      if (present !== undefined) return
      const fresh = messageId((++this.#generation * 16 + step.message).toString(16))
      this.#ids.set(step.message, fresh)
      this.messages.set(fresh, new Set(step.labels))
      this.events.push({ kind: 'added', message: this.#ref(fresh), labelIds: step.labels })
    } else if (id === undefined || present === undefined) return
    else if (step.do === 'delete') {
      this.messages.delete(id)
      this.events.push({ kind: 'deleted', message: this.#ref(id) })
    } else {
      for (const [kind, list] of [
        ['labels-added', step.add],
        ['labels-removed', step.remove],
      ] as const) {
        if (list.length === 0) continue
        for (const label of list) {
          if (kind === 'labels-added') present.add(label)
          else present.delete(label)
        }
        this.events.push({ kind, message: this.#ref(id), labelIds: list, current: [...present] })
      }
    }
  }

  read(): HistoryEvent[] {
    const { events } = this
    this.events = []
    if (!this.#tellsNow) return events
    return events.map((event) => {
      const now = this.messages.get(event.message.id)
      if (event.kind === 'deleted' || now === undefined) return event
      return event.kind === 'added' ? { ...event, labelIds: [...now] } : { ...event, current: [...now] }
    })
  }

  #ref(id: MessageId) {
    return { id, threadId: threadId(id) }
  }
}

async function openStore(t: TestContext): Promise<() => Promise<Book>> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-history-'))
  const store = await openSqliteStore({
    path: join(dir, 'store.db'),
    seal: createSeal(Buffer.alloc(32, 1)),
    clock: systemClock,
    log: silence,
  })
  t.after(async () => {
    await store.close()
    await rm(dir, { recursive: true, force: true })
  })
  let accounts = 0
  return async () => {
    const { id } = await store.addAccount(`a${++accounts}@example.org`)
    const book = await Book.open(store.account(id), 1)
    await book.write((entry) => {
      const list = labels.map((label) => ({
        id: label,
        name: label,
        type: label.startsWith('Label') ? ('user' as const) : ('system' as const),
        labelListVisibility: undefined,
      }))
      applyLabels(entry, book, list, { categories: false, nowMs: Date.now() })
    })
    return book
  }
}

async function apply(book: Book, effects: Effects): Promise<void> {
  await book.write(async (entry) => {
    const presentOf = await readPresent(book.store, [...effects.keys()])
    applyHistory(entry, effects.values(), presentOf, new Map(), placesOf(book))
  })
}

/** Mailboxes and bits of every message, as text, by id. */
async function held(book: Book, ids: readonly MessageId[]): Promise<Map<MessageId, string>> {
  const store: AccountStore = book.store
  const rows = await store.messagesById(ids)
  const memberships = await readMemberships(
    store,
    [...rows.values()].map(({ key }) => key),
  )
  return new Map(
    [...rows].map(([id, row]) => {
      const places = memberships(row.key).map(({ mailbox }) => book.mailboxes.get(mailbox)?.labelId ?? '')
      return [id, `${places.toSorted(byName).join()} ${row.bits & labelBits}`]
    }),
  )
}

/** The same by the labels alone. */
function wanted(model: Model): Map<MessageId, string> {
  const found = new Map<MessageId, string>()
  for (const [id, set] of model.messages) {
    const places = [...placesOfLabels(set)].filter((label) => label !== 'UNREAD' && label !== 'CHAT')
    if (places.length > 0) found.set(id, `${places.toSorted(byName).join()} ${bitsOfLabels(set, 0)}`)
  }
  return found
}

for (const tellsNow of [false, true])
  test(`random histories end where a fresh listing would; records tell labels ${tellsNow ? 'of now' : 'of then'}`, async (t) => {
    const open = await openStore(t)
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const book = await open()
        const model = new Model(tellsNow)
        const ids = new Set<MessageId>()
        for (const step of [...list, { do: 'read' } as const]) {
          if (step.do !== 'read') model.take(step)
          else {
            const events = model.read()
            const effects: Effects = new Map()
            foldHistory(effects, events)
            await apply(book, effects)
            for (const id of [...model.messages.keys(), ...effects.keys()]) ids.add(id)
            assert.deepEqual(sorted(await held(book, [...ids])), sorted(wanted(model)))
            const { modSeq } = book.sync
            await apply(book, effects)
            assert.equal(book.sync.modSeq, modSeq, 'the same again changes nothing')
          }
        }
      }),
      { numRuns: 60 },
    )
  })

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sorted(map: ReadonlyMap<string, string>): [string, string][] {
  return [...map].sort(([a], [b]) => byName(a, b))
}

test('a fold takes the last word of each label, and the end of a message ends it', () => {
  const ref = { id: messageId('a'), threadId: threadId('a') }
  const effects: Effects = new Map()
  foldHistory(effects, [
    { kind: 'labels-added', message: ref, labelIds: [labelId('X'), labelId('Y')] },
    { kind: 'labels-removed', message: ref, labelIds: [labelId('X')] },
  ])
  const effect = effects.get(ref.id)
  assert.deepEqual(
    [...(effect?.changes ?? [])],
    [
      ['X', false],
      ['Y', true],
    ],
  )
  assert.equal(effect?.labels, undefined)
  foldHistory(effects, [{ kind: 'deleted', message: ref }])
  assert.equal(effect?.deleted, true)
})
