import type { ConnectedClient } from '#mail/connected-client.ts'
import { html } from '../../html.ts'
import type { Html } from '../../html.ts'
import { moment } from '../words.ts'

/** More would make the page long; they are counted. */
const mostShown = 30

/** Which mail programs are connected: what, who, since when, doing what. */
export function clientsPart(clients: readonly ConnectedClient[]): Html {
  if (clients.length === 0) return html`<p class="quiet">No mail program is connected.</p>`
  const more = clients.length - mostShown
  return html`<ul class="plain">
      ${clients.slice(0, mostShown).map(clientItem)}
    </ul>
    ${more > 0 ? html`<p class="quiet">And ${more} more.</p>` : ''}`
}

function clientItem(client: ConnectedClient): Html {
  const { door, program, address, passwordName, remoteAddress, secure, since, mailbox } = client
  return html`<li>
    <div class="heads">
      <strong>${program === '' ? 'A mail program' : program}</strong>
      <span class="tag plain">${door.toUpperCase()}</span>
      <span class="tag good">${doingOf(client)}${mailbox === undefined ? '' : ` in ${mailbox}`}</span>
    </div>
    <span class="quiet small"
      >${address ?? 'Not logged in'}${passwordName === undefined ? '' : ` with “${passwordName}”`}, from
      ${remoteAddress}${secure ? '' : ', not encrypted'}, since ${moment(since)}</span
    >
  </li>`
}

function doingOf({ doing }: ConnectedClient): string {
  if (doing === 'IDLE') return 'waits for news'
  return doing === 'waiting' ? 'connected' : doing
}
