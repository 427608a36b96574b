import { html, page } from '../html.ts'
import type { Html } from '../html.ts'

/** Where the browser runs on another machine than Postern, Google cannot send it back: the person brings the answer. */
export function elsewherePage(view: { url: string; formToken: string }): string {
  const { url, formToken } = view
  return page(
    'Connect from here',
    html`<h1>Connect from this browser</h1>
      <p class="lead">
        Google sends the answer to the machine on which Postern runs, and this browser is on another. You
        carry it over by hand:
      </p>
      <ol class="steps">
        <li class="card">
          <h2>Give access</h2>
          <p>Sign in and give access on Google’s page. It opens in another tab; this one waits.</p>
          <p>
            <a class="download" href="${url}" target="_blank" rel="noopener noreferrer">Open Google’s page</a>
          </p>
        </li>
        <li class="card">
          <h2>Copy the address</h2>
          <p>
            The browser then says that it cannot open a page whose address begins with
            <code>http://127.0.0.1</code>. That is right. Copy that whole address.
          </p>
        </li>
        <li class="card">
          <h2>Paste it here</h2>
          <p>Within ten minutes, and in this browser.</p>
          ${finishForm(formToken)}
        </li>
      </ol>`,
    'overview',
  )
}

/** Takes the address that the browser ended on. */
export function finishForm(formToken: string): Html {
  return html`<form method="post" action="/connect/finish">
    <input type="hidden" name="token" value="${formToken}" />
    <label class="field" for="address">Address from the browser</label>
    <input id="address" name="address" type="url" required autocomplete="off" maxlength="8000" />
    <button class="second">Finish</button>
  </form>`
}
