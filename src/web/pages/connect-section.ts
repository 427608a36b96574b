import type { Tier } from '#auth/scopes.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { finishForm } from './elsewhere.ts'
import { accessWords } from './words.ts'

/** Where a mailbox is connected, or what has to be done before. */
export function connectSection(view: {
  formToken: string
  missing: string | undefined
  isFirst: boolean
}): Html {
  const { formToken, missing, isFirst } = view
  return html`<section aria-labelledby="connect">
    <h2 id="connect">${isFirst ? 'Connect a mailbox' : 'Connect another mailbox'}</h2>
    ${
      missing === undefined
        ? html`${connectForm(formToken)}${fromElsewhere(formToken)}`
        : html`<p class="warning">${missing}</p>
            <p><a class="download main" href="/google">Set up Google access</a></p>`
    }
  </section>`
}

/** The choice of the access; `chosen` is ticked. */
export function accessChoice(chosen: Tier): Html {
  return html`<fieldset>
    <legend>What Postern may do</legend>
    ${accessWords.map(
      ([tier, name, explanation]) =>
        html`<label class="choice"
          ><input type="radio" name="access" value="${tier}" ${tier === chosen ? html`checked` : ''} />
          <span>${name}</span> <span class="quiet">${explanation}</span></label
        >`,
    )}
  </fieldset>`
}

function connectForm(formToken: string): Html {
  return html`<form method="post" action="/connect">
    <input type="hidden" name="token" value="${formToken}" />
    ${accessChoice('modify')}
    <button>Connect with Google</button>
  </form>`
}

function fromElsewhere(formToken: string): Html {
  return html`<details>
    <summary>Your browser runs on another machine than Postern?</summary>
    <p>
      Press Connect and give access on Google’s page. The browser then says that it cannot open an address
      that begins with http://127.0.0.1. Copy that whole address, come back to this page in the same browser
      and paste it here.
    </p>
    ${finishForm(formToken)}
  </details>`
}
