import type { PasswordEntry } from '#auth/password-book.ts'
import { html, page } from '../html.ts'
import type { Html } from '../html.ts'
import { day } from './words.ts'

/** The client passwords of one account, and a form for another. */
export function passwordsPage(view: {
  address: string
  entries: readonly PasswordEntry[]
  formToken: string
  /** What was wrong with the form that was sent. */
  complaint?: string
}): string {
  const { address, entries, formToken, complaint } = view
  const hidden = html`<input type="hidden" name="token" value="${formToken}" />
    <input type="hidden" name="account" value="${address}" />`
  return page(
    'Passwords',
    html`<h1>Passwords for <span class="address">${address}</span></h1>
      <section aria-labelledby="there">
        <h2 id="there">In use</h2>
        ${
          entries.length === 0
            ? html`<p>There is none.</p>`
            : html`<ul class="plain">
                ${entries.map((entry) => item(entry, hidden))}
              </ul>`
        }
      </section>
      <section aria-labelledby="make">
        <h2 id="make">Make a password</h2>
        <p>One for each device, so that you can revoke it alone.</p>
        ${complaint === undefined ? '' : html`<p class="alert" role="alert">${complaint}</p>`}
        <form method="post" action="/passwords">
          ${hidden}
          <label class="field" for="name">Name of the device or program</label>
          <input id="name" name="name" type="text" maxlength="60" autocomplete="off" />
          <fieldset>
            <legend>It opens</legend>
            ${['imap', 'pop3', 'smtp'].map(
              (door) =>
                html`<label
                  ><input type="checkbox" name="allow" value="${door}" checked /> ${door.toUpperCase()}</label
                >`,
            )}
            <label
              ><input type="checkbox" name="readOnly" value="yes" /> Read only: nothing can be changed or
              sent</label
            >
          </fieldset>
          <label class="field" for="mailboxes">Only these mailboxes, one a line (empty: all)</label>
          <textarea id="mailboxes" name="mailboxes" rows="2" maxlength="8000"></textarea>
          <label class="field" for="days">Good for</label>
          <select id="days" name="days">
            <option value="">ever</option>
            <option value="7">7 days</option>
            <option value="30">30 days</option>
            <option value="365">a year</option>
          </select>
          <button>Make a password</button>
        </form>
      </section>
      <p><a href="/">To the overview</a></p>`,
  )
}

function item(entry: PasswordEntry, hidden: Html): Html {
  const rights = [
    entry.doors.map((door) => door.toUpperCase()).join(', '),
    entry.readOnly ? 'read only' : '',
    entry.mailboxes === undefined ? '' : `only ${entry.mailboxes.join(', ')}`,
    entry.expiresAt === undefined ? '' : `until ${day(entry.expiresAt, '')}`,
  ].filter((text) => text !== '')
  const from = entry.usedFrom === undefined ? '' : ` from ${entry.usedFrom}`
  return html`<li>
    <span class="address">${entry.name}</span>
    <p class="quiet">
      ${rights.join('; ')}. Made ${day(entry.createdAt, '')}, last used ${day(entry.usedAt, 'never')}${from}.
    </p>
    <form method="post" action="/passwords/revoke">
      ${hidden}<input type="hidden" name="name" value="${entry.name}" />
      <button class="second" aria-label="Revoke ${entry.name}">Revoke</button>
    </form>
  </li>`
}
