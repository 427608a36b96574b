import { html, type Html } from './html.ts'
import type { LedgerLine, MailboxPageSource } from './mailbox-source.ts'

function inWords(count: number): string {
  return count.toLocaleString('en-GB')
}

/** How much of the quota is spent, and on what. */
export function statusBlock(source: MailboxPageSource): Html {
  const { unitsPerMinute, unitsLastMinute, ledger } = source.status()
  return html`<section class="card">
    <h2>Quota</h2>
    <p>
      ${inWords(unitsLastMinute)}${unitsPerMinute > 0 ? html` of ${inWords(unitsPerMinute)}` : ''} units in
      the last minute
    </p>
    ${unitsPerMinute > 0 ? html`<meter min="0" max="${unitsPerMinute}" value="${Math.min(unitsLastMinute, unitsPerMinute)}" aria-label="Units spent in the last minute"></meter>` : ''}
    ${ledger.length === 0 ? html`<p class="faint">No call has been made yet.</p>` : ledgerTable(ledger)}
  </section>`
}

function ledgerTable(ledger: readonly LedgerLine[]): Html {
  const sorted = [...ledger].sort((a, b) => b.units - a.units || (a.method < b.method ? -1 : 1)).slice(0, 40)
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Method</th>
        <th scope="col">Calls</th>
        <th scope="col">Units</th>
      </tr>
    </thead>
    <tbody>
      ${sorted.map(
        ({ method, calls, units }) =>
          html`<tr>
            <th scope="row">${method}</th>
            <td>${calls}</td>
            <td>${units}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}
