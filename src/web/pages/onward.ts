import { html } from '../html.ts'

/**
 * Leads on to `url` by itself. Where a form has led here a redirect would not do: browsers hold the policy of the form's page
 * against every redirect, and Google's names the address that it knows, without TLS. CSP 3 section 6.3.1.
 */
export function onwardPage(url: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="refresh" content="0; url=${url}" />
        <title>On to Postern</title>
      </head>
      <body>
        <main>
          <h1>On to Postern</h1>
          <p><a href="${url}">Go on, if it does not by itself</a></p>
        </main>
      </body>
    </html> `.text
}
