import { html, page } from '../html.ts'

/** Something went wrong: what, and what to do. Own words only; never what came in the request. */
export function problemPage(title: string, advice: string): string {
  return page(
    title,
    html`<h1>${title}</h1>
      <p class="card">${advice}</p>
      <p><a href="/">To the overview</a></p>`,
  )
}

/** Asks for the access key. */
export function enterPage(wrong: boolean): string {
  return page(
    'Access key',
    html`<h1>Access key</h1>
      ${wrong ? html`<p class="alert" role="alert">That was not the key.</p>` : ''}
      <form class="card" method="post" action="/enter">
        <label class="field" for="key">The key that Postern printed when it started</label>
        <input id="key" name="key" type="password" required autocomplete="off" maxlength="200" />
        <button>Enter</button>
      </form>`,
  )
}
