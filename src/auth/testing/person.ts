import assert from 'node:assert/strict'

interface Choice {
  readonly account?: string
  /** Scopes whose boxes the person clears. */
  readonly untick?: readonly string[]
}

/** Reads the simulator's consent page as a browser without script does, presses a button, and gives the callback's query. */
export async function pressConsent(
  base: string,
  url: string,
  decision: 'allow' | 'deny',
  choice: Choice = {},
): Promise<URLSearchParams> {
  return new URL(await pressConsentFor(base, url, decision, choice)).searchParams
}

/** The same, giving the whole address of the callback. */
export async function pressConsentFor(
  base: string,
  url: string,
  decision: 'allow' | 'deny',
  { account = '', untick = [] }: Choice = {},
): Promise<string> {
  const page = await fetch(url)
  assert.equal(page.status, 200)
  const text = await page.text()
  const form = new URLSearchParams({ decision })
  for (const [tag] of text.matchAll(/<input [^>]*>/g)) {
    const attribute = (name: string) => tag.split(`${name}="`)[1]?.split('"')[0] ?? ''
    const chosen = attribute('type') === 'hidden' || tag.includes(' checked')
    if (chosen && !untick.includes(attribute('value'))) form.append(attribute('name'), attribute('value'))
  }
  if (account !== '') form.set('account', account)
  const answer = await fetch(`${base}/o/oauth2/v2/auth`, { method: 'POST', body: form, redirect: 'manual' })
  assert.equal(answer.status, 302)
  return answer.headers.get('location') ?? ''
}
