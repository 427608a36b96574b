import { html, page } from '../html.ts'

const problems = {
  wrong: 'That was not the admin password.',
  many: 'Too many are trying at the moment. Wait a minute and try again.',
} as const

export type SignInProblem = keyof typeof problems

/** Asks for the admin password; `next` is the page that the person wanted. */
export function signInPage(next: string, problem?: SignInProblem): string {
  const sentence = problem === undefined ? undefined : problems[problem]
  return page(
    sentence === undefined ? 'Sign in' : 'Not signed in',
    html`<h1>Sign in</h1>
      ${sentence === undefined ? '' : html`<p class="alert" role="alert" id="problem">${sentence}</p>`}
      <form class="card" method="post" action="/sign-in">
        <input type="hidden" name="next" value="${next}" />
        <input type="text" name="username" value="admin" autocomplete="username" hidden />
        <label class="field" for="password">Admin password</label>
        <input
          id="password"
          name="password"
          type="password"
          required
          autofocus
          autocomplete="current-password"
          maxlength="1000"
          ${problem === undefined ? '' : html`aria-invalid="true" aria-describedby="problem"`}
        />
        <button>Sign in</button>
      </form>
      <p class="quiet">
        The one that the operator chose, or that Postern made when it was first started: it was shown there,
        or the log says which file it is in. It is no password of a mailbox.
      </p>`,
  )
}
