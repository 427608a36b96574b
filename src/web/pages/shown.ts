import type { Place } from '../clients/place.ts'
import { html, page } from '../html.ts'
import type { Html } from '../html.ts'
import type { ToShow } from '../shelf.ts'
import { clientList } from './clients.ts'
import { serverTable } from './server-table.ts'
import { accessName, accountQuery, whatIsMissing, whatWorks } from './words.ts'

/** What was done, and the one time that a client password is to be seen. */
export function shownPage(
  { address, made, done, partial }: ToShow,
  { servers, withheld }: Pick<Place, 'servers' | 'withheld'>,
): string {
  return page(
    made === undefined ? 'Connected' : 'New password',
    html`<h1>${done}</h1>
      ${partial === undefined ? '' : partialSection(partial, address)}
      ${made === undefined ? '' : passwordSection(made)}
      <section aria-labelledby="settings">
        <h2 id="settings">Settings</h2>
        <p>User name: <code class="address">${address}</code></p>
        ${serverTable(servers)}
      </section>
      <section aria-labelledby="program">
        <h2 id="program">Your mail program, step by step</h2>
        ${
          made === undefined
            ? clientList(address, { withheld })
            : html`<p>Each opens in another tab, so that the password stays in sight.</p>
                ${clientList(address, { stay: true, withheld })}`
        }
      </section>
      <p><a href="/">To the overview</a></p>`,
  )
}

function passwordSection({ name, password }: NonNullable<ToShow['made']>): Html {
  return html`<section aria-labelledby="password">
    <h2 id="password">Password for your mail program</h2>
    <p>It is called “${name}”. It is shown this one time; if you lose it, make another.</p>
    <p><code class="password" data-copy>${password}</code></p>
  </section>`
}

/** The person cleared a box on Google’s page, or Google gave less for another reason. */
function partialSection({ asked, given }: NonNullable<ToShow['partial']>, address: string): Html {
  return html`<section aria-labelledby="partial">
    <h2 id="partial">Google gave less than was asked for</h2>
    <p class="warning">
      Asked for: <strong>${accessName(asked)}</strong>. Given: <strong>${accessName(given)}</strong>.
    </p>
    <h3>What works</h3>
    <ul class="ticks">
      ${whatWorks(given).map((words) => html`<li class="yes">${words}</li>`)}
    </ul>
    <h3>What is missing</h3>
    <ul class="ticks">
      ${whatIsMissing(asked, given).map((words) => html`<li class="no">${words}</li>`)}
    </ul>
    <p>
      If that is what you meant, there is nothing to do. Otherwise ask again, and leave every box on Google’s
      page ticked.
    </p>
    <p><a class="download" href="/access${accountQuery(address, { access: asked })}">Ask Google again</a></p>
  </section>`
}
