import type { MailServer } from '../house.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'

/** Host, port and encryption of every front door. */
export function serverTable(servers: readonly MailServer[]): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Servers">
    <table>
      <thead>
        <tr>
          <th scope="col">Protocol</th>
          <th scope="col">Server</th>
          <th scope="col">Port</th>
          <th scope="col">Encryption</th>
        </tr>
      </thead>
      <tbody>
        ${servers.map(
          ({ protocol, host, port, security }) =>
            html`<tr>
              <th scope="row">${protocol}</th>
              <td><code>${host}</code></td>
              <td><code>${port}</code></td>
              <td>${security}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
