import type { Rights } from '#mail/doorman.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { resolveRanges, type NumberSet } from '#mail/number-set.ts'
import { indexOfUid, lowerBound, type MailboxSnapshot } from '#mail/snapshot.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Authenticated, Chunk, Command, Completion, Extension, Selected } from '../command.ts'
import { Parser, ProtocolError } from '../parser.ts'
import type { View } from '../view.ts'

/** What a command answered when it was run without a server around it. */
export interface Outcome {
  /** All untagged data, one character per octet. */
  readonly text: string
  readonly lines: readonly string[]
  readonly chunks: readonly Chunk[]
  readonly completion: Completion | undefined
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

/** The real monotonic clock, and a day that tests can count from. */
export const testClock: Clock & { today: number } = {
  today: Date.UTC(2026, 5, 15, 12),
  now: () => testClock.today,
  monotonicMs: () => performance.now(),
  sleep: () => Promise.reject(new Error('Cannot sleep in a test')),
}

/** A context for commands that need no mailbox. */
export function authenticated(
  mailstore: Mailstore,
  given: { rights?: Partial<Rights>; enabled?: readonly Extension[]; signal?: AbortSignal } = {},
): Authenticated {
  return {
    tag: 'a1',
    enabled: new Set(given.enabled),
    mailstore,
    rights: { readOnly: false, mailboxes: undefined, ...given.rights },
    address: mailstore.address,
    clock: testClock,
    log: silent,
    signal: given.signal ?? new AbortController().signal,
  }
}

/** A context with a mailbox selected, whose view never moves on. */
export async function selected(
  mailstore: Mailstore,
  name: string,
  given: Parameters<typeof authenticated>[1] & { readOnly?: boolean } = {},
): Promise<Selected> {
  const context = authenticated(mailstore, given)
  const mailbox = (await mailstore.mailboxes(context.signal)).find((one) => one.name === name)
  if (mailbox?.id === undefined) throw new Error(`Cannot select ${name}`)
  const open = await mailstore.open(mailbox.id, context.signal)
  return {
    ...context,
    view: new StillView(open.mailbox, open.snapshot(), given.readOnly ?? false),
  }
}

class StillView implements View {
  readonly mailbox: View['mailbox']
  readonly readOnly: boolean
  readonly told: MailboxSnapshot
  saved = new Uint32Array()

  constructor(mailbox: View['mailbox'], told: MailboxSnapshot, readOnly: boolean) {
    this.mailbox = mailbox
    this.told = told
    this.readOnly = readOnly
  }

  indexesOfSeqs(set: NumberSet): Uint32Array {
    if (set === 'saved') return this.#savedIndexes()
    const count = this.told.uids.length
    const indexes: number[] = []
    for (const { from, to } of resolveRanges(set, count)) {
      if (from > count) throw new ProtocolError('There is no such message')
      for (let seq = from; seq <= Math.min(to, count); seq++) indexes.push(seq - 1)
    }
    return Uint32Array.from(indexes)
  }

  indexesOfUids(set: NumberSet): Uint32Array {
    if (set === 'saved') return this.#savedIndexes()
    const { uids } = this.told
    const indexes: number[] = []
    for (const { from, to } of resolveRanges(set, uids.at(-1) ?? 0))
      for (let i = lowerBound(uids, from); i < uids.length && (uids[i] as number) <= to; i++) indexes.push(i)
    return Uint32Array.from(indexes)
  }

  #savedIndexes(): Uint32Array {
    return this.saved.map((uid) => indexOfUid(this.told, uid))
  }
}

/** Parses the arguments, which begin with their space, and runs the command to its end. */
export async function run<Args, Context>(
  command: Command<Args, Context>,
  context: Context,
  text: string | Buffer,
  uid = false,
): Promise<Outcome> {
  const parser = new Parser(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  const answers = command.run(context, command.parse(parser, { uid }))
  const chunks: Chunk[] = []
  for (;;) {
    const { done, value } = await answers.next()
    if (done === true) {
      const whole = chunks.map(asText).join('')
      return { text: whole, lines: whole.split('\r\n').slice(0, -1), chunks, completion: value }
    }
    chunks.push(value)
  }
}

function asText(chunk: Chunk): string {
  return typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1')
}
