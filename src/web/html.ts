/** Markup that is already safe. Only `html` makes it, so that escaping has one place. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

type HtmlValue = Html | string | number | boolean | undefined | readonly HtmlValue[]

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

/** Fit for element text and for quoted attribute values. Control characters that HTML forbids become U+FFFD. */
function escapeHtml(text: string): string {
  return text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities.get(character) as string)
}

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.text
  if (value === undefined || value === false || value === true) return ''
  if (typeof value === 'object') return value.map(render).join('')
  return escapeHtml(String(value))
}

/** A template whose values are escaped, unless they are `Html` themselves. `undefined` and booleans vanish. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = strings[0] as string
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] as string)
  return new Html(text)
}

/** The parts of the house that every page leads to. */
const places = [
  ['overview', '/', 'Mailboxes'],
  ['clients', '/clients', 'Mail programs'],
  ['trust', '/trust', 'Certificate'],
  ['google', '/google', 'Google access'],
] as const

/** A small gate in a wall. */
const gateShape =
  'M3 21V9a9 9 0 0 1 18 0v12h-4v-9a5 5 0 0 0-10 0v9zM9 21v-8.5a3 3 0 0 1 6 0V21zm4-4a.9.9 0 1 0 0-1.8.9.9 0 0 0 0 1.8z'
const gate = `<svg viewBox="0 0 24 24" fill="currentColor" fill-rule="evenodd" aria-hidden="true"><path d="${gateShape}"/></svg>`
const icon = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#3f7fd6" fill-rule="evenodd"><path d="${gateShape}"/></svg>`)}`

/** Where a page has its way out, which only who sends it knows. */
export const sessionSlot = '<!-- session -->'

export function signOutForm(token: string): string {
  return html`<form class="out" method="post" action="/sign-out">
    <input type="hidden" name="token" value="${token}" />
    <button class="second">Sign out</button>
  </form>`.text
}

/** A whole page; `here` is the part that it belongs to. */
export function page(title: string, main: Html, here?: (typeof places)[number][0]): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – Postern</title>
        <link rel="icon" href="${icon}" />
        <link rel="stylesheet" href="/style.css" />
        <script src="/script.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header>
          <div>
            <a class="home" href="/">${new Html(gate)}Postern</a>
            <nav aria-label="Pages">
              ${places.map(
                ([name, path, words]) =>
                  html`<a href="${path}" ${name === here ? html`aria-current="page"` : ''}>${words}</a>`,
              )}
            </nav>
            ${new Html(sessionSlot)}
          </div>
        </header>
        <main id="main" tabindex="-1">${main}</main>
      </body>
    </html> `.text
}
