import type { AccountState, MailServer } from '../house.ts'
import { html, page } from '../html.ts'
import type { Html } from '../html.ts'
import { connectSection } from './connect-section.ts'
import { firstSteps } from './first-steps.ts'
import { liveParts, shapeOf } from './live/live-parts.ts'
import type { LiveState } from './live/live-parts.ts'
import { serverTable } from './server-table.ts'
import { accessName, accountQuery } from './words.ts'

export function overviewPage(view: {
  state: LiveState
  servers: readonly MailServer[]
  formToken: string
  /** Why nothing can be connected. */
  missing: string | undefined
}): string {
  const { state, servers, formToken, missing } = view
  const { accounts } = state
  const parts = liveParts(state)
  const connect = connectSection({ formToken, missing, isFirst: accounts.length === 0 })
  return page(
    'Overview',
    html`<div data-live="${shapeOf(state)}">
      <h1>Your mailboxes</h1>
      <p id="notice" class="warning" role="status" hidden></p>
      <div id="live-news" class="heard" role="status">${parts.get('live-news')}</div>
      ${
        accounts.length === 0
          ? html`${firstSteps({ hasClient: missing === undefined })}${connect}
            ${(state.troubles ?? []).length === 0 ? '' : livePart(parts, 'live-troubles', 'Last troubles')}`
          : html`${brokenSection(accounts, formToken)}${accountsSection(accounts, parts)}
              ${livePart(parts, 'live-clients', 'Connected mail programs')}
              ${livePart(parts, 'live-troubles', 'Last troubles')}
              <div class="pair">
                ${livePart(parts, 'live-usage', 'Google’s quota, last hour')}
                ${livePart(parts, 'live-cache', 'Message cache')}
              </div>
              ${connect}
              <section aria-labelledby="servers">
                <h2 id="servers">Settings for your mail program</h2>
                <p>User name: the mailbox’s address. Password: one made here, never your Google password.</p>
                ${serverTable(servers)}
                <p><a href="/clients">Step by step for each mail program</a></p>
              </section>`
      }
    </div>`,
    'overview',
  )
}

function livePart(parts: ReadonlyMap<string, Html>, id: string, title: string): Html | undefined {
  const part = parts.get(id)
  if (part === undefined) return undefined
  return html`<section aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    <div id="${id}">${part}</div>
  </section>`
}

function brokenSection(accounts: readonly AccountState[], formToken: string): Html | undefined {
  const broken = accounts.filter(({ alert }) => alert !== undefined)
  if (broken.length === 0) return undefined
  return html`<section class="broken" aria-labelledby="broken">
    <h2 id="broken">Needs you</h2>
    <ul class="plain">
      ${broken.map((account) => brokenItem(account, formToken))}
    </ul>
  </section>`
}

function brokenItem({ address, alert, access }: AccountState, formToken: string): Html {
  return html`<li>
    <span class="address">${address}</span>
    <p class="alert">${alert}</p>
    <form method="post" action="/connect">
      <input type="hidden" name="token" value="${formToken}" />
      <input type="hidden" name="account" value="${address}" />
      <input type="hidden" name="access" value="${access ?? 'modify'}" />
      <button aria-label="Connect again: ${address}">Connect again</button>
    </form>
    <p class="quiet small">
      Does it end every seven days? Then the app is still in “Testing” at Google:
      <a href="/google">Google access</a> says how to publish it.
    </p>
  </li>`
}

function accountsSection(accounts: readonly AccountState[], parts: ReadonlyMap<string, Html>): Html {
  return html`<section aria-labelledby="accounts">
    <h2 id="accounts">Accounts</h2>
    <ul class="plain">
      ${accounts.map((account, index) => accountItem(account, index, parts))}
    </ul>
  </section>`
}

function accountItem(account: AccountState, index: number, parts: ReadonlyMap<string, Html>): Html {
  const { address, access, alert } = account
  const query = accountQuery(address)
  return html`<li>
    <div class="heads">
      <span class="address">${address}</span>
      ${access === undefined ? '' : html`<span class="tag">${accessName(access)}</span>`}
      ${alert === undefined ? '' : html`<span class="tag bad">Needs you</span>`}
    </div>
    <div id="account-${index}">${parts.get(`account-${index}`)}</div>
    <p class="links">
      <a href="/passwords${query}">Passwords for mail programs</a>
      <a href="/clients${query}">Set up a mail program</a>
      <a href="/access${query}">Change access</a>
    </p>
  </li>`
}
