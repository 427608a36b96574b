import type { MailServer } from '../house.ts'
import { html, page } from '../html.ts'
import type { ToShow } from '../shelf.ts'
import { clientList } from './clients.ts'
import { serverTable } from './server-table.ts'

/** The one time that a client password is to be seen. */
export function shownPage({ address, name, password, done }: ToShow, servers: readonly MailServer[]): string {
  return page(
    'New password',
    html`<h1>${done}</h1>
      <section aria-labelledby="password">
        <h2 id="password">Password for your mail program</h2>
        <p>It is called “${name}”. It is shown this one time; if you lose it, make another.</p>
        <p><code class="password" data-copy>${password}</code></p>
      </section>
      <section aria-labelledby="settings">
        <h2 id="settings">Settings</h2>
        <p>User name: <code class="address">${address}</code></p>
        ${serverTable(servers)}
      </section>
      <section aria-labelledby="program">
        <h2 id="program">Your mail program, step by step</h2>
        <p>Each opens in another tab, so that the password stays in sight.</p>
        ${clientList(address, { stay: true })}
      </section>
      <p><a href="/">To the overview</a></p>`,
  )
}
