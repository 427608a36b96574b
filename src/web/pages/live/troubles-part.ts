import type { Trouble } from '../../house.ts'
import { html } from '../../html.ts'
import type { Html } from '../../html.ts'
import { moment } from '../words.ts'

const mostShown = 8

/** What went wrong lately, and the way out. */
export function troublesPart(troubles: readonly Trouble[]): Html {
  if (troubles.length === 0) return html`<p class="quiet">None since Postern was started.</p>`
  return html`<ul class="plain">
    ${troubles.slice(0, mostShown).map(
      ({ at, address, text, advice, times }) =>
        html`<li>
          <strong>${text}</strong>
          <p class="small">${advice}</p>
          <span class="quiet small"
            >${moment(at)}${address === undefined ? '' : `, ${address}`}${times > 1 ? `, ${times} times` : ''}</span
          >
        </li>`,
    )}
  </ul>`
}
