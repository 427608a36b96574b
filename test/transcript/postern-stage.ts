import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { control as ask, startPostern, type Door } from '#test/postern.ts'
import { Client } from './client.ts'
import { perform, type Control, type Mailbox } from './google.ts'
import { manners } from './manners.ts'
import { seeds } from './seeds.ts'
import type { Scene, Stage } from './stage.ts'
import { TranscriptError, type Transcript } from './transcript.ts'

/** A few passwords with their rights, the same for every account. */
const passwords = [
  { name: 'all', password: 'full-right-pass-word' },
  { name: 'reader', password: 'read-only-pass-word', readOnly: true },
  { name: 'inbox', password: 'only-inbo-pass-word', mailboxes: ['INBOX'] },
]

/**
 * One simulated Gmail and one Postern in processes of their own, with an account for each transcript. Nothing is fetched
 * ahead, so that calls can be counted; Gmail is asked for news every second.
 */
export async function openPosternStage(transcripts: readonly Transcript[]): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-transcripts-'))
  await using opened = new AsyncDisposableStack()
  opened.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))
  const gmail = await startPostern(['simulator', '--quota', '0'])
  opened.defer(async () => void (await gmail.stop()))
  const control: Control = (verb, body) => ask(gmail.ready, verb, body)
  const cast = new Map<string, { mailbox: Mailbox; token: string }>()
  const accounts: object[] = []
  for (const transcript of transcripts) {
    const account = `${transcript.name}@gmail.test`
    const { token, refreshToken } = (await control('addAccount', { address: account })) as Record<
      string,
      string
    >
    const ids = await seed(control, account, transcript)
    const mailbox = { control, api: gmail.ready.simulator.url, account, ids, counted: new Map() }
    cast.set(transcript.name, { mailbox, token: token as string })
    accounts.push({ email: account, auth: { refreshToken }, passwords })
  }
  const accountsFile = join(dir, 'accounts.json')
  await writeFile(accountsFile, JSON.stringify({ accounts }))
  const { url, clientId, clientSecret } = gmail.ready.simulator
  const bridge = await startPostern(['serve'], {
    POSTERN_DATA_DIR: join(dir, 'bridge'),
    POSTERN_ACCOUNTS_FILE: accountsFile,
    GOOGLE_CLIENT_ID: clientId,
    GOOGLE_CLIENT_SECRET: clientSecret,
    POSTERN_GMAIL_API_URL: url,
    POSTERN_GOOGLE_AUTH_URL: url,
    POSTERN_GOOGLE_TOKEN_URL: url,
    POSTERN_QUOTA_PER_MINUTE: '10000000',
    POSTERN_PREFETCH: 'off',
    POSTERN_POLL_SECONDS: '1',
    POSTERN_LOG_LEVEL: process.env['POSTERN_LOG_LEVEL'] ?? 'error',
  })
  opened.defer(async () => {
    const code = await bridge.stop()
    if (code !== 0) throw new Error(`Postern ended with ${code}:\n${bridge.log()}`)
  })
  const { imap, imaps, pop3s, smtps } = bridge.ready
  const closing = opened.move()
  return {
    async scene({ name }): Promise<Scene> {
      const found = cast.get(name)
      if (found === undefined) throw new RangeError(`There is no account for ${name}`)
      const { mailbox, token } = found
      const [all, reader, inbox] = passwords
      await untilSynced(imap, mailbox.account, all?.password ?? '')
      return {
        doors: { imap, imaps, ...(pop3s && { pop3s }), ...(smtps && { smtps }) },
        bindings: new Map([
          ['user', mailbox.account],
          ['password', all?.password ?? ''],
          ['readOnlyPassword', reader?.password ?? ''],
          ['inboxPassword', inbox?.password ?? ''],
          ['token', token],
        ]),
        google: (sentence) => perform(mailbox, sentence),
      }
    },
    log: () => bridge.log(),
    close: () => closing.disposeAsync(),
  }
}

/** STATUS waits for the first listing of its mailbox; flags come by labels, which are mailboxes too. */
async function untilSynced(door: Door, user: string, password: string): Promise<void> {
  const client = await Client.connect(door, manners.imap)
  await client.answer()
  await client.ask(`LOGIN "${user}" "${password}"`)
  await client.ask('LIST "" "*" RETURN (STATUS (MESSAGES))')
  client.leave()
}

/** Puts the seed into the mailbox, oldest first; gives Gmail's ids. */
async function seed(control: Control, account: string, transcript: Transcript): Promise<string[]> {
  const messages = seeds.get(transcript.seed)
  if (messages === undefined)
    throw new TranscriptError(transcript.file, 1, `there is no seed ${transcript.seed}`)
  const ids: string[] = []
  for (const { raw, labels, date } of messages) {
    const { id } = await control('deliver', { account, raw: raw.toString('base64'), labels, date })
    ids.push(id as string)
  }
  return ids
}
