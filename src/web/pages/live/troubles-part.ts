import type { Trouble } from '../../house.ts'
import { html } from '../../html.ts'
import type { Html } from '../../html.ts'
import { moment } from '../words.ts'

const mostShown = 8

/** What went wrong lately, with whom, and the way out. */
export function troublesPart(troubles: readonly Trouble[]): Html {
  if (troubles.length === 0) return html`<p class="quiet">None since Postern was started.</p>`
  const more = troubles.length - mostShown
  return html`<ul class="plain">
      ${troubles.slice(0, mostShown).map(troubleItem)}
    </ul>
    ${more > 0 ? html`<p class="quiet">And ${more} more, older than these.</p>` : ''}`
}

function troubleItem({ at, address, text, advice, detail, times }: Trouble): Html {
  return html`<li>
    <div class="heads">
      <strong>${text}</strong> ${times > 1 ? html`<span class="tag plain">${times} times</span>` : ''}
    </div>
    <p class="small">${advice}</p>
    <span class="quiet small"
      >${address ?? 'The installation'}, ${moment(at)}${detail === undefined ? '' : `, ${detail}`}</span
    >
  </li>`
}
