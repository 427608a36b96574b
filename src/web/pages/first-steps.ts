import { html } from '../html.ts'
import type { Html } from '../html.ts'

/** Where nothing is connected yet: what there is to do, and how far it has got. */
export function firstSteps({ hasClient }: { hasClient: boolean }): Html {
  return html`<p class="lead">
      No mailbox is connected yet. From here to mail in your mail program there are three steps, once:
    </p>
    <ol class="path">
      <li ${hasClient ? html`class="over"` : html`aria-current="step"`}>
        <strong>Google access</strong>
        <span class="quiet"
          >${
            hasClient ? 'Done: Google knows this Postern.' : 'Make a client id at Google; some five minutes.'
          }</span
        >
      </li>
      <li ${hasClient ? html`aria-current="step"` : ''}>
        <strong>Connect a mailbox</strong>
        <span class="quiet">Sign in at Google and choose what Postern may do.</span>
      </li>
      <li>
        <strong>Set up a mail program</strong>
        <span class="quiet">With a password made here, and the values of this installation.</span>
      </li>
    </ol>`
}
