import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { eventually, figures, total } from '#test/operations/figures.ts'
import { control, startPostern, withFolder } from '#test/postern.ts'
import type { Ready, Running } from '#test/postern.ts'
import type { Options } from './options.ts'

interface Message {
  readonly id: string
  readonly labelIds: readonly string[]
}

const password = 'a password for the soak'
const settleMs = 30_000

/** Many accounts and sessions, deliveries, faults and kills for a while; at the end every INBOX is compared with Gmail's. */
export async function soak(options: Options): Promise<void> {
  const minutes = options.number('minutes', 2)
  const accounts = options.number('accounts', 10)
  const sessionsEach = options.number('sessions', 2)
  const addresses = Array.from({ length: accounts }, (_, index) => `soak${index}@gmail.test`)
  const times: number[] = []
  const heaps: number[] = []
  let refused = 0
  await withFolder(async (dir) => {
    const gmail = await startPostern(['simulator', '--quota', '0'])
    const { simulator } = gmail.ready
    const file = join(dir, 'accounts.json')
    const listed = []
    for (const email of addresses) {
      const { refreshToken } = await control(gmail.ready, 'addAccount', { address: email })
      listed.push({ email, auth: { refreshToken }, passwords: [{ name: 'soak', password }] })
    }
    writeFileSync(file, JSON.stringify({ accounts: listed }))
    const environment = {
      POSTERN_DATA_DIR: join(dir, 'data'),
      POSTERN_ACCOUNTS_FILE: file,
      POSTERN_GMAIL_API_URL: simulator.url,
      POSTERN_GOOGLE_AUTH_URL: simulator.url,
      POSTERN_GOOGLE_TOKEN_URL: simulator.url,
      POSTERN_QUOTA_PER_MINUTE: '1000000',
      POSTERN_POLL_SECONDS: '1',
      GOOGLE_CLIENT_ID: simulator.clientId,
      GOOGLE_CLIENT_SECRET: simulator.clientSecret,
    }
    let bridge: Running = await startPostern(['serve'], environment)
    const endsAt = performance.now() + minutes * 60_000
    const over = () => performance.now() > endsAt
    const user = async (address: string): Promise<void> => {
      while (!over())
        try {
          const client = connect(bridge.ready, address)
          await client.connect()
          try {
            for (let round = 0; round < 20 && !over(); round++) {
              const began = performance.now()
              const { exists } = await client.mailboxOpen('INBOX')
              if (exists > 0) {
                await client.fetchAll('1:*', { uid: true, flags: true })
                await client.fetchOne('*', { source: true })
                await client.messageFlagsAdd('*', [round % 2 === 0 ? '\\Flagged' : '\\Seen'])
              }
              times.push(performance.now() - began)
            }
            await client.logout()
          } finally {
            client.close()
          }
        } catch {
          refused++
          await pause(200)
        }
    }
    let delivered = 0
    const world = async (): Promise<void> => {
      for (let round = 0; !over(); round++) {
        const account = addresses[round % accounts]
        await control(gmail.ready, 'deliver', { account, text: `Subject: ${round}\n\nNumber ${round}\n` })
        delivered++
        if (round % 50 === 49) await control(gmail.ready, 'fault', { status: 503, count: 5 })
        if (round % 70 === 69) await control(gmail.ready, 'fault', { drop: true, when: 'after', count: 3 })
        if (round % 300 === 299) {
          await bridge.kill()
          bridge = await startPostern(['serve'], environment)
        }
        if (round % 20 === 0) {
          // Its lowest points are what is left after collections.
          heaps.push(total(await figures(bridge.ready), 'nodejs_heap_size_used_bytes'))
        }
        await pause(50)
      }
    }
    try {
      await Promise.all([
        world(),
        ...addresses.flatMap((one) => Array.from({ length: sessionsEach }, () => user(one))),
      ])
      await control(gmail.ready, 'clearFaults')
      await eventually(bridge.ready, (all) => total(all, 'postern_accounts', 'live') === accounts)
      const wrong: string[] = []
      for (const address of addresses) wrong.push(...(await differences(gmail.ready, bridge.ready, address)))
      report({ delivered, rounds: times, refused, heaps, wrong })
      await bridge.stop()
    } finally {
      await bridge.kill()
      await gmail.kill()
    }
  })
}

function connect({ imap }: Ready, user: string): ImapFlow {
  const client = new ImapFlow({
    ...imap,
    secure: false,
    tls: { rejectUnauthorized: false },
    auth: { user, pass: password },
    logger: false,
  })
  client.on('error', () => {})
  return client
}

/** What one INBOX has otherwise than Gmail, once both are quiet or half a minute has passed. */
async function differences(gmail: Ready, bridge: Ready, account: string): Promise<string[]> {
  const endsAt = performance.now() + settleMs
  for (;;) {
    const { accounts } = (await control(gmail, 'state', { account })) as unknown as {
      accounts: { messages: Message[] }[]
    }
    const expected = (accounts[0]?.messages ?? [])
      .filter(({ labelIds }) => labelIds.includes('INBOX'))
      .map(({ id, labelIds }) => `${id} ${!labelIds.includes('UNREAD')} ${labelIds.includes('STARRED')}`)
    const client = connect(bridge, account)
    await client.connect()
    const { exists } = await client.mailboxOpen('INBOX', { readOnly: true })
    const found = exists === 0 ? [] : await client.fetchAll('1:*', { uid: true, flags: true, threadId: true })
    await client.logout()
    const seen = found.map(
      ({ emailId, flags }) => `${emailId} ${flags?.has('\\Seen')} ${flags?.has('\\Flagged')}`,
    )
    const missing = expected.filter((one) => !seen.includes(one)).map((one) => `${account} lacks ${one}`)
    const extra = seen.filter((one) => !expected.includes(one)).map((one) => `${account} has ${one}`)
    const doubled = seen.length - new Set(seen).size
    const all = [...missing, ...extra, ...(doubled > 0 ? [`${account}: ${doubled} twice`] : [])]
    if (all.length === 0 || performance.now() > endsAt) return all
    await pause(500)
  }
}

function report(result: {
  delivered: number
  rounds: number[]
  refused: number
  heaps: number[]
  wrong: string[]
}): void {
  const { delivered, rounds, refused, heaps, wrong } = result
  const sorted = rounds.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(0)
  const half = Math.ceil(heaps.length / 2)
  console.log(
    `${delivered} messages delivered, ${rounds.length} rounds of SELECT, FETCH, BODY[], STORE; ${refused} sessions cut or refused`,
  )
  console.log(`a round: median ${at(0.5)} ms, p99 ${at(0.99)} ms`)
  if (heaps.length > 1)
    console.log(
      `lowest heap: first half ${lowestMb(heaps.slice(0, half))} MB, second half ${lowestMb(heaps.slice(half))} MB`,
    )
  console.log(
    wrong.length === 0 ? 'every INBOX is what Gmail has' : `WRONG:\n${wrong.slice(0, 20).join('\n')}`,
  )
  if (wrong.length > 0) process.exitCode = 1
}

function lowestMb(bytes: readonly number[]): string {
  return (Math.min(...bytes) / 1024 / 1024).toFixed(1)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
