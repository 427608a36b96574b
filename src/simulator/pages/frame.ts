import { document, html, type Html } from './html.ts'
import { labelList } from './label-list.ts'
import { linkTo, type Place, type ViewParts } from './place.ts'
import { statusBlock } from './status-block.ts'

/** What surrounds every page of a mailbox: accounts, labels, the state of the quota. */
export function frame(parts: ViewParts, title: string, main: Html, aside: Html | string = ''): string {
  const { source, place } = parts
  const events = `/mailbox/events?${new URLSearchParams({ account: place.address }).toString()}`
  return document(
    `${title} – Gmail simulator`,
    '/mailbox/style.css',
    html`<a class="skip" href="#main">To the messages</a>
      <header>
        <p class="title">
          <strong>Gmail, simulated</strong> <span>This is what the bridge sees on the other side.</span>
        </p>
        <nav aria-label="Accounts">
          <ul class="accounts">
            ${source.accounts().map((address) => accountLink(address, place))}
          </ul>
        </nav>
        <p id="live" class="live" role="status" data-events="${events}"></p>
      </header>
      <div class="columns">
        <nav id="labels" aria-label="Labels">${labelList(parts)}</nav>
        <main id="main" tabindex="-1">${main}</main>
        <aside aria-label="Try it">
          ${aside}
          <div id="status">${statusBlock(source)}</div>
        </aside>
      </div>`,
    html`<script src="/mailbox/live.js" defer></script> `,
  )
}

function accountLink(address: string, place: Place): Html {
  const here = address === place.address
  const link = linkTo({ address, labelId: 'INBOX', page: 1 })
  return html`<li><a href="${link}" ${here ? html`aria-current="true"` : ''}>${address}</a></li>`
}

/** A page that only says something. */
export function plainPage(title: string, text: string): string {
  return document(
    title,
    '/mailbox/style.css',
    html`<main class="alone">
      <h1>${title}</h1>
      <p>${text}</p>
      <p><a href="/">To the mailbox</a></p>
    </main>`,
  )
}
