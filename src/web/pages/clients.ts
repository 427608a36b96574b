import { guides } from '../clients/guides.ts'
import type { Guide } from '../clients/guide.ts'
import { suits, withheldWords } from '../clients/place.ts'
import type { Place } from '../clients/place.ts'
import { html, page } from '../html.ts'
import type { Html } from '../html.ts'
import { qrCode } from '../qr-code.ts'
import { serverTable } from './server-table.ts'
import { accountQuery } from './words.ts'

/** Which mail program? Those that the access of the account has no use for are left out. */
export function clientsPage(address: string | undefined, withheld: Place['withheld'] = []): string {
  return page(
    'Mail programs',
    html`<h1>Set up a mail program</h1>
      <p>
        Each page has the exact values of this installation, and ready-made files where the program takes
        them.
      </p>
      ${withheld.length === 0 ? '' : withheldNote(withheld, accountQuery(address))}
      ${clientList(address, { withheld })}`,
    'clients',
  )
}

/** Links to the guides, for one account when it is known; in another tab when this page must stay. */
export function clientList(
  address: string | undefined,
  { stay = false, withheld = [] }: { stay?: boolean; withheld?: Place['withheld'] } = {},
): Html {
  const suitable = guides.filter((guide) => suits(guide, withheld))
  return html`<ul class="tiles">
    ${suitable.map(
      ({ name, title, runsOn }) =>
        html`<li>
          <a href="/clients/${name}${accountQuery(address)}" ${stay ? html`target="_blank"` : ''}>${title}</a>
          <span class="quiet">${runsOn}</span>
        </li>`,
    )}
  </ul>`
}

export function clientPage(guide: Guide, place: Place, addresses: readonly string[]): string {
  const { address, servers, withheld = [] } = place
  const caution = guide.caution?.(place)
  const query = accountQuery(address)
  return page(
    guide.title,
    html`<h1>${guide.title}</h1>
      <p class="quiet">${guide.runsOn}</p>
      ${caution === undefined ? '' : html`<p class="warning">${caution}</p>`}
      ${withheld.length === 0 ? '' : withheldNote(withheld, query)}
      ${addresses.length > 1 ? accountForm(guide.name, address, addresses) : ''}
      <section aria-labelledby="values">
        <h2 id="values">What to type</h2>
        <p>User name: <code class="address">${address}</code></p>
        <p>
          Password: one made here, never your Google password.
          <a href="/passwords${query}">Make one for this program</a>.
        </p>
        ${serverTable(servers)}
      </section>
      ${suits(guide, withheld) ? stepsSection(guide, place) : suitableSection(place)}
      <p><a href="/clients${query}">All mail programs</a></p>`,
    'clients',
  )
}

/** What can be used instead of a program that the access is too small for. */
function suitableSection({ address, withheld = [] }: Place): Html {
  return html`<h2>What works with this mailbox</h2>
    ${clientList(address, { withheld })}`
}

function stepsSection(guide: Guide, place: Place): Html {
  const snippets = guide.snippets?.(place) ?? []
  const query = accountQuery(place.address)
  return html`<section aria-labelledby="steps">
      <h2 id="steps">Step by step</h2>
      <ol>
        ${guide.steps(place).map((step) => html`<li>${step}</li>`)}
      </ol>
      ${(guide.codes?.(place) ?? []).map(codeFigure)}
      ${(guide.files ?? []).map(
        ({ path, label }) =>
          html`<p>
            <a class="download" href="/clients/${guide.name}/${path}${query}" download>${label}</a>
          </p>`,
      )}
      ${snippets.map(
        ({ file, text }, index) =>
          html`<h3 id="snippet-${index}">${file}</h3>
            <pre
              tabindex="0"
              role="group"
              aria-labelledby="snippet-${index}"
              data-copy
            ><code>${text}</code></pre>`,
      )}
    </section>
    <section aria-labelledby="troubles">
      <h2 id="troubles">When something goes wrong</h2>
      <dl>
        ${guide.troubles.map(
          ([symptom, remedy]) =>
            html`<dt>${symptom}</dt>
              <dd>${remedy}</dd>`,
        )}
      </dl>
      <p><a href="/trust">Certificate: how programs come to trust Postern</a></p>
    </section>`
}

function withheldNote(withheld: Place['withheld'], query: string): Html {
  return html`<p class="warning">${withheldWords(withheld)} <a href="/access${query}">Change access</a></p>`
}

function codeFigure({
  text,
  title,
  words,
}: {
  text: string
  title: string
  words: string
}): Html | undefined {
  const code = qrCode(text, `QR code: ${title}`)
  if (code === undefined) return undefined
  return html`<figure class="qr">
    ${code}
    <figcaption><strong>${title}</strong><br />${words}</figcaption>
  </figure>`
}

function accountForm(name: string, address: string, addresses: readonly string[]): Html {
  return html`<form class="card" method="get" action="/clients/${name}">
    <label class="field" for="account">Mailbox</label>
    <select id="account" name="account">
      ${addresses.map(
        (one) => html`<option value="${one}" ${one === address ? html`selected` : ''}>${one}</option>`,
      )}
    </select>
    <button class="second">Show</button>
  </form>`
}
