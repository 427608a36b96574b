import { html } from '../../html.ts'
import type { Html } from '../../html.ts'

const height = 80

/** Quota units minute by minute, oldest first, as bars; said in words for who does not see them. */
export function usagePart(usage: readonly number[], allowed: number | undefined): Html {
  const sum = usage.reduce((total, units) => total + units, 0)
  const most = Math.max(...usage, 0)
  const first = 60 - usage.length
  const words = `${sum.toLocaleString('en')} units in the last hour, at most ${most.toLocaleString('en')} in a minute, ${(usage.at(-1) ?? 0).toLocaleString('en')} in this one.`
  const limit =
    allowed === undefined || allowed === 0 ? '' : ` Google allows ${allowed.toLocaleString('en')} a minute.`
  return html`<figure>
    <svg
      class="chart"
      viewBox="0 0 600 ${height}"
      role="img"
      aria-label="Quota units, minute by minute: ${words}${limit}"
      preserveAspectRatio="none"
    >
      ${[1, 20, 40].map((y) => html`<line x1="0" x2="600" y1="${y}" y2="${y}"></line>`)}
      ${usage.map((units, index) => bar(first + index, units / Math.max(most, 1)))}
    </svg>
    <div class="ends" aria-hidden="true"><span>an hour ago</span><span>now</span></div>
    <figcaption>${words}${limit}</figcaption>
  </figure>`
}

function bar(minute: number, share: number): Html {
  const tall = share > 0 ? Math.max(1, Math.round(share * (height - 2))) : 0
  return html`<rect x="${minute * 10 + 1}" y="${height - tall}" width="8" height="${tall}"></rect>`
}
