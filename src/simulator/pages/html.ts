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

export type HtmlValue = Html | string | number | boolean | undefined | readonly HtmlValue[]

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

/** A whole document. `head` may add a script or refresh element. */
export function document(title: string, stylesheet: string, body: Html, head: HtmlValue = ''): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${stylesheet}" />
        ${head}
      </head>
      <body>
        ${body}
      </body>
    </html> `.text
}
