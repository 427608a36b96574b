import { parseArgs } from 'node:util'
import { GmailApi } from './api.ts'
import { Skipped, type Check } from './check.ts'
import { Contract, type OAuthAccess } from './contract.ts'
import { suite } from './suite.ts'

const usage = `Talks to a Gmail API and tells, sentence by sentence, whether it is as the fact sheet says.

  npm run contract -- --base URL --token TOKEN [options]

  --base URL             https://gmail.googleapis.com, or a simulator
  --token TOKEN          an access token; what its scopes do not permit is skipped
  --only WORD            only the checks whose subject or sentence has this word
  --send                 also send mail, to the account itself
  --units-per-second N   pace, in quota units (80; 0 is as fast as can be)
  --patience MS          how long to wait for what Gmail does later, such as indexing (20000)
  --token-url URL --refresh-token T --client-id ID --client-secret S
                         also check the OAuth side
  --revoke               also end that grant; only on a backend of this machine

It writes only under a label of its own making and takes away what it made. The token may also come from the
environment, as CONTRACT_TOKEN, and the refresh token as CONTRACT_REFRESH_TOKEN.
A check says "differs" where nothing but the simulator's own choice is known to the fact sheet: that is news, no failure.
Exit status: 0 when every fact holds, 1 when one does not, 2 when it could not begin.`

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    token: { type: 'string' },
    only: { type: 'string', default: '' },
    send: { type: 'boolean', default: false },
    'units-per-second': { type: 'string', default: '80' },
    patience: { type: 'string', default: '20000' },
    'token-url': { type: 'string' },
    'refresh-token': { type: 'string' },
    'client-id': { type: 'string' },
    'client-secret': { type: 'string' },
    revoke: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

function oauthAccess(): OAuthAccess | undefined {
  const tokenUrl = values['token-url']
  const refreshToken = values['refresh-token'] ?? process.env['CONTRACT_REFRESH_TOKEN']
  const [clientId, clientSecret] = [values['client-id'], values['client-secret']]
  if (!tokenUrl || !refreshToken || !clientId || !clientSecret) return undefined
  const { hostname } = new URL(tokenUrl)
  const ownMachine = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
  return { tokenUrl, refreshToken, clientId, clientSecret, mayRevoke: values.revoke && ownMachine }
}

/** One line for each check, and a tally of what it came to. */
class Report {
  readonly #tally = { holds: 0, fails: 0, differs: 0, skipped: 0 }

  async tell(check: Check, contract: Contract): Promise<void> {
    const sentence = `${check.says} (${check.cites})`
    try {
      await check.run(contract)
      this.#tally.holds += 1
      console.log(`  holds    ${sentence}`)
    } catch (error) {
      if (error instanceof Skipped) {
        this.#tally.skipped += 1
        console.log(`  skipped  ${sentence}: ${error.message}`)
        return
      }
      const failed = check.known === 'fact'
      this.#tally[failed ? 'fails' : 'differs'] += 1
      console.log(`  ${failed ? 'FAILS   ' : 'differs '} ${sentence}`)
      console.log(indent(error instanceof Error ? error.message : String(error)))
    }
  }

  end(units: number): boolean {
    const { holds, fails, differs, skipped } = this.#tally
    console.log(
      `${holds} hold, ${fails} fail, ${differs} differ from what the simulator chose, ${skipped} skipped; about ${units} quota units`,
    )
    return fails === 0
  }
}

function indent(text: string): string {
  return text
    .slice(0, 2000)
    .split('\n')
    .map((line) => `           ${line}`)
    .join('\n')
}

/** Why the suite cannot begin; undefined when it can. A token need not be allowed to read the profile. */
async function obstacle(api: GmailApi): Promise<string | undefined> {
  try {
    const reply = await api.ask('profile')
    if (reply.status === 401) return 'the token is refused'
    return /^application\/json/i.test(reply.headers.get('content-type') ?? '')
      ? undefined
      : `there is no Gmail API: it answers ${reply.status} and no JSON`
  } catch (error) {
    const { message, cause } = error as Error
    return `it cannot be reached: ${cause instanceof Error ? cause.message : message}`
  }
}

async function main(base: string, token: string): Promise<number> {
  // Stopping means: no further check, but the clean-up.
  let stopped = false
  const stop = () => {
    stopped = true
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  process.stdout.on('error', stop)
  const api = new GmailApi({
    base,
    token,
    unitsPerSecond: Number(values['units-per-second']),
    patienceMs: Number(values.patience),
    signal: new AbortController().signal,
  })
  const why = await obstacle(api)
  if (why !== undefined) {
    console.error(`Cannot begin with ${base}: ${why}`)
    return 2
  }
  const contract = new Contract({ api, send: values.send, oauth: oauthAccess() })
  const report = new Report()
  const wanted = [...suite].flatMap(([subject, checks]) =>
    checks
      .filter(({ says }) => `${subject} ${says}`.toLowerCase().includes(values.only.toLowerCase()))
      .map((check) => ({ subject, check })),
  )
  try {
    let under = ''
    for (const { subject, check } of wanted.filter((one) => !one.check.last)) {
      if (stopped) break
      if (subject !== under) console.log(subject)
      under = subject
      await report.tell(check, contract)
    }
  } finally {
    for (const complaint of await contract.cleanUp()) console.error(`could not be taken away: ${complaint}`)
  }
  for (const { check } of wanted.filter((one) => one.check.last && !stopped))
    await report.tell(check, contract)
  return report.end(api.units) ? 0 : 1
}

const token = values.token ?? process.env['CONTRACT_TOKEN']
if (values.help || values.base === undefined || token === undefined) {
  console.error(usage)
  process.exitCode = values.help ? 0 : 2
} else process.exitCode = await main(values.base, token)
