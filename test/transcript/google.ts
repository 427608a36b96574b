import { messages } from '#test/fixtures/messages.ts'

/** Asks the simulator's control endpoint. */
export type Control = (verb: string, body?: object) => Promise<Record<string, unknown>>

/** The mailbox that a transcript's G lines speak of. */
export interface Mailbox {
  readonly control: Control
  /** Where Google's API is. */
  readonly api: string
  readonly account: string
  /** Gmail ids in order of arrival: message 1 is the first. */
  readonly ids: string[]
  /** Calls by method, up to the last look. */
  readonly counted: Map<string, number>
}

type Words = Readonly<Record<string, string>>
type Act = (mailbox: Mailbox, words: Words) => Promise<void>

interface Sentence {
  readonly form: RegExp
  /** It changes the weather for all accounts, or counts all calls: nobody else may be at work. */
  readonly alone: boolean
  readonly act: Act
}

const slots: Readonly<Record<string, string>> = {
  n: String.raw`(?<n>\d+)`,
  labels: '(?<labels>.+)',
  label: '(?<label>.+?)',
  name: '(?<name>.+)',
  fixture: String.raw`(?<fixture>[\w-]+)`,
  disposition: '(?<disposition>leaveInInbox|archive|trash|markRead)',
  behavior: '(?<behavior>archive|trash|deleteForever)',
  method: String.raw`(?<method>[\w.]+)`,
  status: String.raw`(?<status>\d{3})`,
  times: String.raw`(?<times>once|twice|\d+ times)`,
  when: '(?<when>before|after)',
}

function sentence(form: string, act: Act, alone = false): Sentence {
  const source = form.replaceAll(/<(\w+)>/g, (_, slot: string) => slots[slot] as string)
  return { form: new RegExp(`^${source}$`), alone, act }
}

const sentences: readonly Sentence[] = [
  sentence('delivers <fixture>', (mailbox, { fixture }) => deliver(mailbox, fixture, ['INBOX', 'UNREAD'])),
  sentence('delivers <fixture> to <labels>', (mailbox, { fixture, labels }) =>
    deliver(mailbox, fixture, list(labels)),
  ),
  sentence('message <n> gains <labels>', (mailbox, { n, labels }) =>
    change(mailbox, n, { add: list(labels) }),
  ),
  sentence('message <n> loses <labels>', (mailbox, { n, labels }) =>
    change(mailbox, n, { remove: list(labels) }),
  ),
  sentence('message <n> is deleted', async ({ control, account, ids }, { n }) => {
    await control('delete', { account, ids: [idOf(ids, n)] })
  }),
  sentence('label <label> is made', async ({ control, account }, { label }) => {
    await control('createLabel', { account, name: label })
  }),
  sentence('label <label> is renamed to <name>', async ({ control, account }, { label, name }) => {
    await control('renameLabel', { account, label, name })
  }),
  sentence('label <label> is removed', async ({ control, account }, { label }) => {
    await control('deleteLabel', { account, label })
  }),
  sentence('expunging is set to <behavior>', (mailbox, { behavior }) =>
    putSettings(mailbox, 'imap', { enabled: true, autoExpunge: true, expungeBehavior: behavior }),
  ),
  sentence('popped mail is set to <disposition>', (mailbox, { disposition }) =>
    putSettings(mailbox, 'pop', { accessWindow: 'allMail', disposition }),
  ),
  sentence('forgets its history', async ({ control, account }) => {
    await control('expireHistory', { account })
  }),
  sentence('revokes the grant', async ({ control, account }) => {
    await control('revoke', { account })
  }),
  sentence('message <n> is a ghost', ({ control, ids }, { n }) => addGhost(control, idOf(ids, n)), true),
  sentence(
    'answers <status> <times>',
    (mailbox, { status, times }) => fault(mailbox, times, { status: Number(status) }),
    true,
  ),
  sentence(
    'answers <status> <times> to <method>',
    (mailbox, { status, times, method }) => fault(mailbox, times, { status: Number(status), method }),
    true,
  ),
  sentence(
    'takes <n> seconds <times> for <method>',
    (mailbox, { n, times, method }) => fault(mailbox, times, { delayMs: Number(n) * 1000, method }),
    true,
  ),
  sentence(
    'drops the connection <times> <when> <method>',
    (mailbox, { times, when, method }) => fault(mailbox, times, { drop: true, when, method }),
    true,
  ),
  sentence(
    'is well again',
    async ({ control }) => {
      await control('clearFaults')
    },
    true,
  ),
  sentence('message <n> is labelled <labels>', async (mailbox, { n, labels }) => {
    const has = await labelsOf(mailbox, n)
    const lacks = list(labels).filter((label) => !has.includes(label))
    if (lacks.length > 0) throw new Error(`  but it is labelled ${has.join(', ')}`)
  }),
  sentence('message <n> is not labelled <labels>', async (mailbox, { n, labels }) => {
    const has = await labelsOf(mailbox, n)
    if (list(labels).some((label) => has.includes(label)))
      throw new Error(`  but it is labelled ${has.join(', ')}`)
  }),
  sentence('message <n> is gone', async (mailbox, { n }) => {
    const { messages: all } = await stateOf(mailbox)
    if (all.some(({ id }) => id === idOf(mailbox.ids, n))) throw new Error('  but it is still there')
  }),
  sentence(
    'counts calls from here',
    async (mailbox) => {
      mailbox.counted.clear()
      for (const [method, calls] of await callsOf(mailbox.control)) mailbox.counted.set(method, calls)
    },
    true,
  ),
  sentence(
    '<method> was called <times>',
    async (mailbox, { method, times }) => expectCalls(mailbox, method as string, timesOf(times)),
    true,
  ),
  sentence(
    '<method> was not called',
    async (mailbox, { method }) => expectCalls(mailbox, method as string, 0),
    true,
  ),
]

/** Whether some sentence has this form. */
export function knowsSentence(text: string): boolean {
  return sentences.some(({ form }) => form.test(text))
}

/** Whether other transcripts must rest meanwhile. */
export function needsToBeAlone(text: string): boolean {
  return sentences.some(({ form, alone }) => alone && form.test(text))
}

/** Does or checks what the sentence says. Rejects when it is not so. */
export async function perform(mailbox: Mailbox, text: string): Promise<void> {
  for (const { form, act } of sentences) {
    const found = form.exec(text)
    if (found !== null) return act(mailbox, found.groups ?? {})
  }
  throw new Error(`Google cannot do this: ${text}`)
}

async function deliver(mailbox: Mailbox, fixture: string | undefined, labels: string[]): Promise<void> {
  const raw = messages.get(fixture as string)
  if (raw === undefined) throw new Error(`There is no message ${fixture}`)
  const { control, account, ids } = mailbox
  const { id } = await control('deliver', { account, raw: raw.toString('base64'), labels })
  ids.push(id as string)
}

async function change(
  { control, account, ids }: Mailbox,
  n: string | undefined,
  labels: object,
): Promise<void> {
  await control('labels', { account, ids: [idOf(ids, n)], ...labels })
}

/** As the person does in Gmail's settings on the web. */
async function putSettings(
  { control, api, account }: Mailbox,
  protocol: 'imap' | 'pop',
  settings: object,
): Promise<void> {
  const scopes = ['https://www.googleapis.com/auth/gmail.settings.basic']
  const { token } = await control('grant', { account, scopes })
  const answer = await fetch(`${api}/gmail/v1/users/me/settings/${protocol}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token as string}`, 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  })
  if (!answer.ok) throw new Error(`  but Google answers ${answer.status}`)
}

async function addGhost(control: Control, id: string): Promise<void> {
  const { ghosts } = (await control('quirks')) as { ghosts: string[] }
  await control('quirks', { ghosts: [...ghosts, id] })
}

async function fault({ control }: Mailbox, times: string | undefined, body: object): Promise<void> {
  await control('fault', { count: timesOf(times), ...body })
}

interface State {
  readonly labels: readonly { id: string; name: string }[]
  readonly messages: readonly { id: string; labelIds: readonly string[] }[]
}

async function stateOf({ control, account }: Mailbox): Promise<State> {
  const { accounts } = (await control('state', { account })) as { accounts: State[] }
  return accounts[0] as State
}

async function labelsOf(mailbox: Mailbox, n: string | undefined): Promise<string[]> {
  const { labels, messages: all } = await stateOf(mailbox)
  const found = all.find(({ id }) => id === idOf(mailbox.ids, n))
  if (found === undefined) throw new Error('  but it is gone')
  return found.labelIds.map((id) => labels.find((label) => label.id === id)?.name ?? id)
}

async function callsOf(control: Control): Promise<Map<string, number>> {
  const { methods } = (await control('ledger')) as { methods: Record<string, { calls: number }> }
  return new Map(Object.entries(methods).map(([method, { calls }]) => [method, calls]))
}

async function expectCalls({ control, counted }: Mailbox, method: string, wanted: number): Promise<void> {
  const calls = ((await callsOf(control)).get(method) ?? 0) - (counted.get(method) ?? 0)
  if (calls !== wanted) throw new Error(`  but it was called ${calls} times`)
}

function idOf(ids: readonly string[], n: string | undefined): string {
  const id = ids[Number(n) - 1]
  if (id === undefined) throw new Error(`  but there are only ${ids.length} messages`)
  return id
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(', ')
}

function timesOf(text: string | undefined): number {
  return text === 'once' ? 1 : text === 'twice' ? 2 : Number.parseInt(text ?? '', 10)
}
