import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { guides } from '#web/clients/guides.ts'
import { eventually, total } from '#test/operations/figures.ts'
import { control, startPostern, type Ready } from '#test/postern.ts'

const patienceMs = 120_000
const byTheClock = new Set(['history.list', 'labels.list'])

/** A message as Gmail has it. */
interface AtGmail {
  readonly id: string
  /** Gmail's ids, names for labels of one's own; sorted. */
  readonly labels: readonly string[]
  readonly text: string
}

/** What a program ended with, and all that it said. */
interface Ended {
  readonly code: number
  readonly output: string
}

/**
 * A person's place of work: a Postern with its Gmail, both in a process of their own, and a home folder in which programs are
 * set up as Postern's pages say.
 */
export interface Desk extends AsyncDisposable {
  readonly ready: Ready
  readonly home: string
  /** The text of a snippet of the guide of this name, with this Postern's servers in it. `file` picks one of several. */
  snippet(guide: string, file?: string): string
  /** Writes a file below the home folder, which only its owner can read; gives its path. */
  file(name: string, text: string): Promise<string>
  /** Runs a program at home. `input` goes to its standard input. */
  run(program: string, args: readonly string[], input?: string): Promise<Ended>
  /** The same; rejects with what it said unless it ends with 0. */
  done(program: string, args: readonly string[], input?: string): Promise<string>
  /** A message arrives at Gmail; gives its id. */
  deliver(text: string, labels?: readonly string[]): Promise<string>
  /** Labels of a message change at Gmail. */
  relabel(id: string, change: { add?: readonly string[]; remove?: readonly string[] }): Promise<void>
  /** All messages of an account, oldest first; the person's own if none is named. */
  atGmail(account?: 'peer'): Promise<readonly AtGmail[]>
  /**
   * Does something, once all mail is read, and tells how often each method of Gmail was called. Without `history.list` and
   * `labels.list`: these are asked by the clock as well.
   */
  callsDuring(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>>
}

/** Until so many messages are known, and each was read. */
async function allRead(ready: Ready, atLeast = 0): Promise<void> {
  await eventually(
    ready,
    (all) =>
      total(all, 'postern_accounts', 'live') === 1 &&
      total(all, 'postern_messages') >= atLeast &&
      total(all, 'postern_hydration_left_messages') === 0,
  )
}

interface State {
  readonly accounts: readonly {
    readonly labels: readonly { readonly id: string; readonly name: string }[]
    readonly messages: readonly { readonly id: string; readonly labelIds: readonly string[] }[]
  }[]
}

/**
 * Starts Postern with these messages, oldest first, each under one label, and resolves when it has read them. Gmail is asked
 * for news every second.
 */
export async function openDesk(
  mail: readonly (readonly [label: string, text: string])[] = [],
): Promise<Desk> {
  await using opened = new AsyncDisposableStack()
  const home = await mkdtemp(join(tmpdir(), 'postern-desk-'))
  opened.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5 }))
  const folder = join(home, '.mail')
  await mkdir(folder)
  for (const [index, [label, text]] of mail.entries()) {
    const place = label === 'INBOX' ? folder : join(folder, label)
    await mkdir(place, { recursive: true })
    await writeFile(join(place, `${String(index).padStart(3, '0')}.eml`), text, 'latin1')
  }
  const running = await startPostern(['demo', '--mail', folder, '--quota', '0'], {
    POSTERN_POLL_SECONDS: '1',
  })
  opened.defer(async () => void (await running.stop()))
  const { ready } = running
  // What is not read yet comes in another order over IMAP, and not at all over POP3.
  await allRead(ready, mail.length)
  const environment = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    TERM: 'xterm',
    LC_ALL: 'C.UTF-8',
  }

  const run = (program: string, args: readonly string[], input = '') =>
    new Promise<Ended>((resolve, reject) => {
      const options = {
        cwd: home,
        env: environment,
        encoding: 'latin1',
        timeout: patienceMs,
        maxBuffer: 64 << 20,
      } as const
      const child = execFile(program, [...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code
        if (typeof code === 'number') resolve({ code, output: stdout + stderr })
        else reject(new Error(`${program} did not end: ${error?.message}\n${stdout}${stderr}`))
      })
      child.stdin?.on('error', () => {})
      child.stdin?.end(input, 'latin1')
    })

  const file = async (name: string, text: string) => {
    const path = join(home, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { encoding: 'latin1', mode: 0o600 })
    return path
  }

  const deliver = async (text: string, labels: readonly string[] = ['INBOX', 'UNREAD']) => {
    const raw = Buffer.from(text, 'latin1').toString('base64')
    return (await control(ready, 'deliver', { account: ready.account.user, raw, labels }))['id'] as string
  }

  const calls = async () => {
    const { methods } = (await control(ready, 'ledger')) as { methods: Record<string, { calls: number }> }
    return new Map(Object.entries(methods).map(([method, one]) => [method, one.calls]))
  }

  await file('.config/postern/password', `${ready.account.password}\n`)
  const authority = await fetch(`${ready.web.url}/trust/authority.pem`)
  await file('.config/postern/authority.pem', await authority.text())
  const closing = opened.move()

  return {
    ready,
    home,
    snippet(guide, wanted) {
      const { host } = ready.imaps
      const place = {
        servers: [
          { protocol: 'IMAP', host, port: ready.imaps.port, security: 'TLS' },
          { protocol: 'POP3', host, port: ready.pop3s?.port ?? 0, security: 'TLS' },
          { protocol: 'SMTP', host, port: ready.smtps?.port ?? 0, security: 'TLS' },
        ],
        address: ready.account.user,
        url: `${ready.web.url}/`,
        ownAuthority: true,
      } as const
      const found = guides
        .find(({ name }) => name === guide)
        ?.snippets?.(place)
        .find((one) => wanted === undefined || one.file === wanted)
      if (found === undefined) throw new RangeError(`The guide ${guide} has no ${wanted}`)
      return found.text
    },
    file,
    run,
    async done(program, args, input) {
      const { code, output } = await run(program, args, input)
      if (code !== 0) throw new Error(`${program} ended with ${code}:\n${output}`)
      return output
    },
    deliver,
    async relabel(id, change) {
      await control(ready, 'labels', { account: ready.account.user, ids: [id], ...change })
    },
    async atGmail(account) {
      const { peer, url, token } = ready.simulator
      const [address, bearer] = account === 'peer' ? [peer.user, peer.token] : [ready.account.user, token]
      const { accounts } = (await control(ready, 'state', { account: address })) as unknown as State
      const { labels = [], messages = [] } = accounts[0] ?? {}
      const names = new Map(labels.map(({ id, name }) => [id, name]))
      return Promise.all(
        messages.toReversed().map(async ({ id, labelIds }) => {
          const answer = await fetch(`${url}/gmail/v1/users/me/messages/${id}?format=raw`, {
            headers: { authorization: `Bearer ${bearer}` },
          })
          const { raw } = (await answer.json()) as { raw: string }
          const text = Buffer.from(raw, 'base64url').toString('latin1')
          return { id, labels: labelIds.map((label) => names.get(label) ?? label).sort(), text }
        }),
      )
    },
    async callsDuring(work) {
      await allRead(ready)
      const before = await calls()
      await work()
      const counted: Record<string, number> = {}
      for (const [method, count] of await calls()) {
        const more = count - (before.get(method) ?? 0)
        if (more > 0 && !byTheClock.has(method)) counted[method] = more
      }
      return counted
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

/** The one message at Gmail whose Subject is this; throws for none or several. */
export function bySubject(messages: readonly AtGmail[], subject: string): AtGmail {
  const found = messages.filter(({ text }) => text.split('\r\n').includes(`Subject: ${subject}`))
  const [first] = found
  if (first === undefined || found.length > 1)
    throw new Error(`${found.length} messages are called ${subject}, of ${messages.length}`)
  return first
}

/** A short message. */
export function letter(subject: string, body = `This is ${subject}.`): string {
  return [
    'From: Ada <ada@example.org>',
    'To: Ben <ben@example.org>',
    'Date: Mon, 5 Jan 2026 10:00:00 +0000',
    `Message-ID: <${subject.replaceAll(' ', '-')}@example.org>`,
    `Subject: ${subject}`,
    '',
    body,
    '',
  ].join('\r\n')
}
