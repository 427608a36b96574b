import { endpointsFrom } from '#auth/endpoints.ts'
import type { Config } from '../settings.ts'
import type { Look } from './finding.ts'

const reachWithinMs = 10_000
/** Google refuses signed requests and consents when clocks differ by more than some minutes. */
const clockToleranceMs = 120_000

/** What Google is asked with, and whether it can be reached. */
export async function lookAtGoogle(config: Config, look: Look): Promise<void> {
  await look('Google client', async () => {
    if (config.googleClientId !== undefined) return 'GOOGLE_CLIENT_ID is set'
    if (config.accountsFile !== undefined) return 'not set; the accounts file brings its own grants'
    throw new Error(
      'GOOGLE_CLIENT_ID is not set: no account can be connected in the browser. README, "The real Gmail", says how to get one; the page /start guides through it',
    )
  })
  const { tokenUrl, apiUrl } = endpointsFrom({ tokenUrl: config.googleTokenUrl, apiUrl: config.gmailApiUrl })
  let date: string | null = null
  await look('Google sign-in', async () => {
    date = await reach(tokenUrl)
    return `${new URL(tokenUrl).host} answers`
  })
  await look('Gmail API', async () => {
    date = (await reach(apiUrl)) ?? date
    return `${new URL(apiUrl).host} answers`
  })
  if (date !== null) await look('clock', async () => clockText(date as unknown as string))
}

function clockText(date: string): string {
  const differenceMs = Date.now() - Date.parse(date)
  if (Math.abs(differenceMs) > clockToleranceMs)
    throw new Error(
      `is ${Math.round(Math.abs(differenceMs) / 1000)} s ${differenceMs > 0 ? 'ahead of' : 'behind'} Google's, and tokens need it right. Set this machine's clock, best by NTP`,
    )
  return "agrees with Google's"
}

/** Any answer will do: this is about the way there. Gives the answer's Date. */
async function reach(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(reachWithinMs), redirect: 'manual' })
    await answer.body?.cancel()
    return answer.headers.get('date')
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
    throw new Error(
      `${new URL(url).host} does not answer (${cause?.code ?? (error as Error).name}). Check the network, a firewall, and HTTPS_PROXY`,
      { cause: error },
    )
  }
}
