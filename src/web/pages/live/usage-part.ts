import { html } from '../../html.ts'
import type { Html } from '../../html.ts'

const height = 80

/** Quota units minute by minute, oldest first: as bars, in words, and as a table for who does not see them. */
export function usagePart(usage: readonly number[], allowed: number | undefined): Html {
  const sum = usage.reduce((total, units) => total + units, 0)
  const most = Math.max(...usage, 0)
  const first = 60 - usage.length
  const words = `${number(sum)} units in the last hour, ${number(usage.at(-1) ?? 0)} in this minute.`
  const limit = allowed === undefined || allowed === 0 ? '' : ` Google allows ${number(allowed)} a minute.`
  return html`<figure>
      <div class="ends" aria-hidden="true">
        <span>${most === 0 ? 'nothing' : `${number(most)} units in a minute`}</span>
      </div>
      <svg
        class="chart"
        viewBox="0 0 600 ${height}"
        role="img"
        aria-label="Quota units, minute by minute: ${words} At most ${number(most)} in a minute.${limit}"
        preserveAspectRatio="none"
      >
        ${[1, height / 2].map((y) => html`<line x1="0" x2="600" y1="${y}" y2="${y}"></line>`)}
        ${usage.map((units, index) => bar(first + index, units / Math.max(most, 1)))}
      </svg>
      <div class="ends" aria-hidden="true"><span>an hour ago</span><span>now</span></div>
      <figcaption>${words}${limit}</figcaption>
    </figure>
    ${most === 0 ? '' : table(usage)}`
}

function bar(minute: number, share: number): Html {
  const tall = share > 0 ? Math.max(1, Math.round(share * (height - 2))) : 0
  return html`<rect x="${minute * 10 + 1}" y="${height - tall}" width="8" height="${tall}"></rect>`
}

/** The minutes in which something was spent, newest first. */
function table(usage: readonly number[]): Html {
  const rows = usage.map((units, index) => ({ units, ago: usage.length - 1 - index }))
  return html`<details>
    <summary id="usage-table">As a table</summary>
    <div class="scroll low" id="usage-rows" tabindex="0" role="group" aria-labelledby="usage-table">
      <table>
        <thead>
          <tr>
            <th scope="col">Minutes ago</th>
            <th scope="col">Units</th>
          </tr>
        </thead>
        <tbody>
          ${rows
            .filter(({ units }) => units > 0)
            .toReversed()
            .map(
              ({ units, ago }) =>
                html`<tr>
                  <th scope="row">${ago === 0 ? 'now' : ago}</th>
                  <td>${number(units)}</td>
                </tr>`,
            )}
        </tbody>
      </table>
    </div>
  </details>`
}

function number(value: number): string {
  return value.toLocaleString('en')
}
