import type { AccountState, MailServer } from '../house.ts'
import { html, page } from '../html.ts'
import type { Html } from '../html.ts'
import { serverTable } from './server-table.ts'
import { accessWords, stateOf } from './words.ts'

export function overviewPage(view: {
  accounts: readonly AccountState[]
  servers: readonly MailServer[]
  formToken: string
  /** Why nothing can be connected. */
  missing: string | undefined
}): string {
  const { accounts, servers, formToken, missing } = view
  return page(
    'Overview',
    html`<h1>Your mailboxes</h1>
      <section aria-labelledby="accounts">
        <h2 id="accounts">Accounts</h2>
        ${
          accounts.length === 0
            ? html`<p>No mailbox is connected yet.</p>`
            : html`<ul class="plain">
                ${accounts.map((account) => accountItem(account, formToken))}
              </ul>`
        }
      </section>
      <section aria-labelledby="connect">
        <h2 id="connect">Connect a mailbox</h2>
        ${missing === undefined ? connectForm(formToken) : html`<p class="alert">${missing}</p>`}
      </section>
      <section aria-labelledby="servers">
        <h2 id="servers">Settings for your mail program</h2>
        <p>User name: the mailbox’s address. Password: one made here, never your Google password.</p>
        ${serverTable(servers)}
      </section>`,
  )
}

function accountItem(account: AccountState, formToken: string): Html {
  const passwords = `/passwords?${new URLSearchParams({ account: account.address }).toString()}`
  return html`<li>
    <span class="address">${account.address}</span>
    ${
      account.alert === undefined
        ? html`<p class="quiet">${stateOf(account)}</p>`
        : html`<p class="alert">${account.alert}</p>
            <form method="post" action="/connect">
              <input type="hidden" name="token" value="${formToken}" />
              <input type="hidden" name="account" value="${account.address}" />
              <input type="hidden" name="access" value="${account.access ?? 'modify'}" />
              <button>Connect again</button>
            </form>`
    }
    <a href="${passwords}">Passwords for mail programs</a>
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
