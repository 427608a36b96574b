import { document, html, type Html } from '../pages/html.ts'
import type { AuthorizationRequest } from './authorization.ts'
import { describeScope, isSignInScope } from './scopes.ts'

const stylesheet = '/o/oauth2/style.css'

export interface ConsentPage {
  /** Names the waiting request, and is the form's proof of coming from this page. */
  ticket: string
  request: AuthorizationRequest
  accounts: readonly { address: string; name: string }[]
  /** Shown above the form when the person's first answer could not be used. */
  complaint?: string
}

/** The consent screen. Everything works without script. */
export function consentPage({ ticket, request, accounts, complaint }: ConsentPage): string {
  const choices = request.scopes.filter((scope) => !isSignInScope(scope))
  const signIn = request.scopes.filter(isSignInScope)
  const hinted = accounts.find(({ address }) => address.toLowerCase() === request.loginHint?.toLowerCase())
  const selected = hinted ?? accounts[0]
  const client = new URL(request.redirectUri).host
  return document(
    'Allow access to a simulated Gmail account',
    stylesheet,
    html`<main>
      <p class="banner">
        <strong>Simulated Google</strong> This is Postern’s Gmail simulator. No real account is involved.
      </p>
      <h1>Give access to this mailbox?</h1>
      <p>The program waiting at <b>${client}</b> asks for access.</p>
      ${complaint === undefined ? '' : html`<p class="complaint" role="alert">${complaint}</p>`}
      <form method="post" action="/o/oauth2/v2/auth">
        <input type="hidden" name="request" value="${ticket}" />
        <fieldset>
          <legend>Account</legend>
          ${accounts.map(({ address, name }) => accountChoice(address, name, address === selected?.address))}
        </fieldset>
        <fieldset>
          <legend>${choices.length > 1 ? 'Select what it can access' : 'It will be able to'}</legend>
          ${
            choices.length > 1
              ? choices.map(scopeChoice)
              : html`<ul>
                  ${choices.map(scopeLine)}
                </ul>`
          }
          ${
            signIn.length > 0
              ? html`<ul>
                  ${signIn.map(scopeLine)}
                </ul>`
              : ''
          }
        </fieldset>
        <p class="buttons">
          <button name="decision" value="allow" class="primary">Allow</button>
          <button name="decision" value="deny">Deny</button>
        </p>
      </form>
    </main>`,
  )
}

function accountChoice(address: string, name: string, checked: boolean): Html {
  return html`<label class="choice"
    ><input type="radio" name="account" value="${address}" required ${checked ? html`checked` : ''} />
    <span class="face" aria-hidden="true">${initialOf(name)}</span>
    <span>${name}<br /><small>${address}</small></span></label
  > `
}

function initialOf(name: string): string {
  return String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase()
}

/** All are ticked at first, where Google leaves them unticked: most visitors come to try the happy way. */
function scopeChoice(scope: string): Html {
  return html`<label class="choice"
    ><input type="checkbox" name="scope" value="${scope}" checked />
    <span>${describeScope(scope)}<br /><small>${scope}</small></span></label
  > `
}

function scopeLine(scope: string): Html {
  return html`<li>${describeScope(scope)} <small>${scope}</small></li>`
}

/** What a person sees when the request cannot lead anywhere. `detail` is in our own words. */
export function refusalPage(status: number, error: string, detail: string): string {
  return document(
    'Access blocked',
    stylesheet,
    html`<main>
      <p class="banner">
        <strong>Simulated Google</strong> This is Postern’s Gmail simulator. No real account is involved.
      </p>
      <h1>Access blocked: the request is not valid</h1>
      <p>${detail}</p>
      <p>Error ${status}: <code>${error}</code></p>
      <p>You can close this page and start again in the program that sent you here.</p>
    </main>`,
  )
}

export const consentStyle = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f3f5f9, #15171c);
  --card: light-dark(#ffffff, #1f2229);
  --ink: light-dark(#1d2129, #e7e9ee);
  --faint: light-dark(#596070, #a5adbd);
  --line: light-dark(#d5dae3, #3a404c);
  --accent: light-dark(#1b59c4, #8fb6ff);
  --on-accent: light-dark(#ffffff, #10203f);
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; padding: 1rem }
main { width: 100%; max-width: 34rem; background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  padding: 1.5rem clamp(1rem, 5vw, 2.25rem) 1.75rem; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0 .5rem; font-weight: 600 }
.banner { margin: 0; font-size: .875rem; color: var(--faint); border-bottom: 1px solid var(--line); padding-bottom: .75rem }
.banner strong { color: var(--ink); margin-right: .5em }
.complaint { border-left: .25rem solid light-dark(#b3261e, #ffb4ab); padding: .25rem .75rem }
fieldset { border: 0; margin: 1.25rem 0 0; padding: 0 }
legend { font-weight: 600; padding: 0; margin-bottom: .25rem }
.choice { display: flex; gap: .75rem; align-items: center; padding: .625rem .5rem; border-bottom: 1px solid var(--line);
  cursor: pointer; border-radius: .25rem }
.choice:hover { background: var(--ground) }
.choice input { flex: none; width: 1.15rem; height: 1.15rem; margin: 0; accent-color: var(--accent) }
.face { flex: none; width: 2.25rem; height: 2.25rem; border-radius: 50%; display: grid; place-items: center;
  background: var(--accent); color: var(--on-accent); font-weight: 600 }
small { color: var(--faint) }
ul { margin: .25rem 0; padding-left: 1.25rem }
.buttons { display: flex; flex-direction: row-reverse; justify-content: flex-start; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 0 }
button { font: inherit; font-weight: 600; padding: .6rem 1.5rem; border-radius: 2rem; border: 1px solid var(--line);
  background: transparent; color: var(--accent); cursor: pointer; min-height: 2.75rem }
button.primary { background: var(--accent); color: var(--on-accent); border-color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
`
