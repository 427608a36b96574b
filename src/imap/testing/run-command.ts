import type { Rights } from '#mail/doorman.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import { Crowd } from '#wire/crowd.ts'
import type { Authenticated, Chunk, Command, Completion, Extension, Selected } from '../command.ts'
import { Parser } from '../parser.ts'
import { SelectedView } from '../selected-view.ts'

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
    turns: new Crowd(testClock).join(),
    log: silent,
    signal: given.signal ?? new AbortController().signal,
  }
}

/** A context with a mailbox selected; its view stands still unless the test moves it on. */
export async function selected(
  mailstore: Mailstore,
  name: string,
  given: Parameters<typeof authenticated>[1] & { readOnly?: boolean } = {},
): Promise<Selected & { readonly view: SelectedView }> {
  const context = authenticated(mailstore, given)
  const mailbox = (await mailstore.mailboxes(context.signal)).find((one) => one.name === name)
  if (mailbox?.id === undefined) throw new Error(`Cannot select ${name}`)
  const open = await mailstore.open(mailbox.id, context.signal)
  return {
    ...context,
    view: new SelectedView(open, given.readOnly ?? false),
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
