import type { AccountState, MailServer } from '../house.ts'
import { html, page } from '../html.ts'
import type { Html } from '../html.ts'
import { serverTable } from './server-table.ts'
import { liveParts, shapeOf } from './live-parts.ts'
import type { LiveState } from './live-parts.ts'
import { accessWords } from './words.ts'

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
  const broken = accounts.filter(({ alert }) => alert !== undefined)
  return page(
    'Overview',
    html`<div data-live="${shapeOf(state)}">
      <h1>Your mailboxes</h1>
      <p id="notice" class="warning" role="status" hidden></p>
      ${
        broken.length === 0
          ? ''
          : html`<section class="broken" aria-labelledby="broken">
              <h2 id="broken">Needs you</h2>
              <ul class="plain">
                ${broken.map((account) => brokenItem(account, formToken))}
              </ul>
            </section>`
      }
      <section aria-labelledby="accounts">
        <h2 id="accounts">Accounts</h2>
        ${
          accounts.length === 0
            ? html`<p>No mailbox is connected yet.</p>`
            : html`<ul class="plain">
                ${accounts.map((account, index) => accountItem(account, index, parts))}
              </ul>`
        }
      </section>
      <section aria-labelledby="connect">
        <h2 id="connect">Connect a mailbox</h2>
        ${
          missing === undefined
            ? connectForm(formToken)
            : html`<p class="warning">${missing}</p>
                <p><a class="download" href="/google">Set up Google access</a></p>`
        }
      </section>
      ${livePart(parts, 'live-clients', 'Connected mail programs')}
      ${livePart(parts, 'live-usage', 'Google’s quota, last hour')}
      ${livePart(parts, 'live-cache', 'Message cache')} ${livePart(parts, 'live-troubles', 'Last troubles')}
      <section aria-labelledby="servers">
        <h2 id="servers">Settings for your mail program</h2>
        <p>User name: the mailbox’s address. Password: one made here, never your Google password.</p>
        ${serverTable(servers)}
        <p><a href="/clients">Step by step for each mail program</a></p>
      </section>
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
  </li>`
}

function accountItem({ address }: AccountState, index: number, parts: ReadonlyMap<string, Html>): Html {
  const query = new URLSearchParams({ account: address }).toString()
  return html`<li>
    <span class="address">${address}</span>
    <div id="account-${index}">${parts.get(`account-${index}`)}</div>
    <a href="/passwords?${query}">Passwords for mail programs</a> ·
    <a href="/clients?${query}">Set up a mail program</a>
  </li>`
}

function connectForm(formToken: string): Html {
  return html`<form method="post" action="/connect">
      <input type="hidden" name="token" value="${formToken}" />
      <fieldset>
        <legend>What Postern may do</legend>
        ${accessWords.map(
          ([tier, name, explanation], index) =>
            html`<label
              ><input type="radio" name="access" value="${tier}" ${index === 0 ? html`checked` : ''} />
              ${name} <span class="quiet">– ${explanation}</span></label
            >`,
        )}
      </fieldset>
      <button>Connect with Google</button>
    </form>
    <details>
      <summary>Your browser runs on another machine than Postern?</summary>
      <p>
        Press Connect and give access on Google’s page. The browser then says that it cannot open an address
        that begins with http://127.0.0.1. Copy that whole address, come back to this page in the same browser
        and paste it here.
      </p>
      <form method="post" action="/connect/finish">
        <input type="hidden" name="token" value="${formToken}" />
        <label class="field" for="address">Address from the browser</label>
        <input id="address" name="address" type="url" required autocomplete="off" maxlength="8000" />
        <button class="second">Finish</button>
      </form>
    </details>`
}
