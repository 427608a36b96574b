import { endpointsFrom } from '#auth/endpoints.ts'
import { createGoogleHttp, failedAnswer } from '#auth/google-http.ts'
import type { GoogleHttp } from '#auth/google-http.ts'
import type { Config } from '../settings.ts'
import type { Look } from './finding.ts'

/** Google refuses signed requests and consents when clocks differ by more than some minutes. */
const clockToleranceMs = 120_000

/** What Google is asked with, and whether it can be reached. */
export async function lookAtGoogle(config: Config, look: Look): Promise<void> {
  await look('Google client', async () => {
    if (config.googleClientId !== undefined) return 'GOOGLE_CLIENT_ID is set'
    if (config.accountsFile !== undefined) return 'not set; the accounts file brings its own grants'
    throw new Error(
      'GOOGLE_CLIENT_ID is not set: no account can be connected in the browser. README, "The real Gmail", says how to get one; the page /google guides through it',
    )
  })
  const endpoints = endpointsFrom({ tokenUrl: config.googleTokenUrl, apiUrl: config.gmailApiUrl })
  const { tokenUrl, apiUrl } = endpoints
  const http = createGoogleHttp(endpoints)
  let date: string | null = null as string | null
  await look('Google sign-in', async () => {
    date = await reach(http, tokenUrl)
    return `${new URL(tokenUrl).host} answers`
  })
  await look('Gmail API', async () => {
    date = (await reach(http, apiUrl)) ?? date
    return `${new URL(apiUrl).host} answers`
  })
  if (date !== null) await look('clock', async () => clockText(date ?? ''))
}

function clockText(date: string): string {
  const differenceMs = Date.now() - Date.parse(date)
  if (Math.abs(differenceMs) > clockToleranceMs)
    throw new Error(
      `is ${Math.round(Math.abs(differenceMs) / 1000)} s ${differenceMs > 0 ? 'ahead of' : 'behind'} Google's, and tokens need it right. Set this machine's clock, best by NTP`,
    )
  return "agrees with Google's"
}

/** Any answer will do: this is about the way there, proxy and all. Gives the answer's Date. */
async function reach(http: GoogleHttp, url: string): Promise<string | null> {
  try {
    const answer = await http.request({ url: new URL(url), responseType: 'text', validateStatus: () => true })
    return answer.headers.get('date')
  } catch (error) {
    throw new Error(
      `${new URL(url).host} does not answer (${failedAnswer(error).word}). Check the network, a firewall, and HTTPS_PROXY`,
      { cause: error },
    )
  }
}
