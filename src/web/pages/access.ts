import type { Tier } from '#auth/scopes.ts'
import type { AccountState } from '../house.ts'
import { html, page } from '../html.ts'
import { accessChoice } from './connect-section.ts'
import { accessName, accountQuery, whatWorks } from './words.ts'

/** What one account lets Postern do, and the way to another access. */
export function accessPage(view: {
  account: AccountState
  formToken: string
  /** What is ticked. */
  chosen: Tier
  /** Why nothing can be connected. */
  missing: string | undefined
}): string {
  const { account, formToken, chosen, missing } = view
  const { address, access, maySend } = account
  const works = access === undefined ? [] : whatWorks(access)
  if (access === 'read' && maySend === true) works.push('Sending: SMTP')
  return page(
    'Access',
    html`<h1>Access to <span class="address">${address}</span></h1>
      <section aria-labelledby="now">
        <h2 id="now">Now</h2>
        ${
          access === undefined
            ? html`<p>Google has not told yet what it permits.</p>`
            : html`<p><span class="tag">${accessName(access)}</span></p>
                <ul class="ticks">
                  ${works.map((words) => html`<li class="yes">${words}</li>`)}
                </ul>`
        }
      </section>
      <section aria-labelledby="change">
        <h2 id="change">Change it</h2>
        <p>
          Google asks you again, in this browser. Passwords and messages stay; programs that are connected log
          in anew.
        </p>
        ${
          missing === undefined
            ? html`<form method="post" action="/connect">
                <input type="hidden" name="token" value="${formToken}" />
                <input type="hidden" name="account" value="${address}" />
                ${accessChoice(chosen)}
                <button>Change access with Google</button>
              </form>`
            : html`<p class="warning">${missing}</p>`
        }
      </section>
      <p class="links">
        <a href="/passwords${accountQuery(address)}">Passwords for mail programs</a>
        <a href="/">To the overview</a>
      </p>`,
  )
}
