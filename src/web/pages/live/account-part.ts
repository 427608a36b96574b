import type { AccountState } from '../../house.ts'
import { html } from '../../html.ts'
import type { Html } from '../../html.ts'
import { stateOf } from '../words.ts'

/** How far an account is. */
export function accountPart(account: AccountState): Html {
  const { messages, hydrated, etaMs, alert, access } = account
  if (alert !== undefined)
    return html`<p class="quiet">${messages.toLocaleString('en')} messages are known.</p>`
  if (access === 'send') return html`<p class="quiet">Ready to send. Nothing is read.</p>`
  const isReadAhead = hydrated >= messages
  const left =
    isReadAhead || etaMs === undefined ? '' : ` About ${timeOf(etaMs)} left, as Google’s quota allows.`
  return html`<p class="quiet">${stateOf(account)}${left}</p>
    ${
      isReadAhead
        ? ''
        : html`<progress
            max="${messages}"
            value="${hydrated}"
            aria-label="Prepared messages of ${account.address}"
          ></progress>`
    }`
}

function timeOf(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  if (minutes < 90) return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
