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
