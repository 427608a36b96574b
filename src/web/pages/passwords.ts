import type { ConnectedClient } from '#mail/connected-client.ts'
import type { PasswordEntry } from '#auth/password-book.ts'
import { html, page } from '../html.ts'
import type { Html } from '../html.ts'
import { passwordForm } from './password-form.ts'
import type { PasswordFormView } from './password-form.ts'
import { accountQuery, day, moment } from './words.ts'

/** The client passwords of one account, and a form for another. */
export function passwordsPage(
  view: PasswordFormView & {
    entries: readonly PasswordEntry[]
    /** Who is connected now, to any account. */
    clients: readonly ConnectedClient[]
    /** One was revoked just now. */
    isRevoked: boolean
  },
): string {
  const { address, entries, formToken, clients, isRevoked } = view
  const hidden = html`<input type="hidden" name="token" value="${formToken}" />
    <input type="hidden" name="account" value="${address}" />`
  const connected = (name: string) =>
    clients.filter((one) => one.address === address && one.passwordName === name).length
  return page(
    'Passwords',
    html`<h1>Passwords for <span class="address">${address}</span></h1>
      ${
        isRevoked
          ? html`<p class="done" role="status">
              The password is revoked. Programs that were connected with it have been disconnected.
            </p>`
          : ''
      }
      <section aria-labelledby="there">
        <h2 id="there">In use</h2>
        ${
          entries.length === 0
            ? html`<p>There is none.</p>`
            : html`<ul class="plain">
                ${entries.map((entry) => item(entry, connected(entry.name), hidden))}
              </ul>`
        }
      </section>
      ${passwordForm(view)}
      <p class="links">
        <a href="/clients${accountQuery(address)}">Set up a mail program</a>
        <a href="/">To the overview</a>
      </p>`,
  )
}

function item(entry: PasswordEntry, connected: number, hidden: Html): Html {
  const { name, createdAt, usedAt, usedFrom, expiresAt } = entry
  const limits = limitsOf(entry)
  return html`<li>
    <div class="heads">
      <span class="address">${name}</span>
      ${entry.doors.map((door) => html`<span class="tag plain">${door.toUpperCase()}</span>`)}
      ${entry.readOnly ? html`<span class="tag">read only</span>` : ''}
      ${entry.noDelete === true ? html`<span class="tag">no delete</span>` : ''}
      ${connected === 0 ? '' : html`<span class="tag good">${connected} connected</span>`}
    </div>
    ${limits.length === 0 ? '' : html`<p class="small">Limits: ${limits.join('; ')}.</p>`}
    <p class="quiet small">
      Made ${day(createdAt, '')}${expiresAt === undefined ? '' : `, good until ${day(expiresAt, '')}`},
      ${usedAt === undefined ? 'not used yet' : html`last used ${moment(usedAt)}`}${usedFrom === undefined ? '' : ` from ${usedFrom}`}.
    </p>
    <form method="post" action="/passwords/revoke">
      ${hidden}<input type="hidden" name="name" value="${name}" />
      <button class="danger" aria-label="Revoke ${name}">Revoke</button>
    </form>
  </li>`
}

function limitsOf({ mailboxes, sources, hiddenCapabilities }: PasswordEntry): string[] {
  return [
    mailboxes === undefined ? '' : `only ${mailboxes.join(', ')}`,
    sources === undefined ? '' : `only from ${sources.join(', ')}`,
    hiddenCapabilities === undefined ? '' : `hides ${hiddenCapabilities.join(', ')}`,
  ].filter((text) => text !== '')
}
