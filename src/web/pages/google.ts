import { mailScopesOf, tiers } from '#auth/scopes.ts'
import { html, page } from '../html.ts'
import type { Html } from '../html.ts'
import { accessName } from './words.ts'

const steps: readonly (readonly [title: string, address: string, words: readonly string[]])[] = [
  [
    'A project',
    'https://console.cloud.google.com/projectcreate',
    [
      'Name it “Postern” and press “Create”. It costs nothing. Any Google account may own it, not only the one whose mail you read.',
    ],
  ],
  [
    'The Gmail API',
    'https://console.cloud.google.com/apis/library/gmail.googleapis.com',
    ['Look that the new project is chosen at the top, then press “Enable”.'],
  ],
  [
    'The consent screen',
    'https://console.cloud.google.com/auth/overview',
    [
      'Press “Get started”. App name “Postern”, your own address for support and contact.',
      'Audience: “Internal” if this is a Google Workspace organisation and only its people use it; otherwise “External”.',
      'For “External”: under “Audience”, press “Publish app”. While it says “Testing”, Google ends every access after 7 days and lets in only listed test users. A published app that is not verified shows a warning once (“Advanced”, “Go to Postern”), and needs no verification for your own use by up to 100 people.',
    ],
  ],
  [
    'The client',
    'https://console.cloud.google.com/auth/clients/create',
    [
      'Application type “Desktop app”, any name, “Create”. Press “Download JSON”, or copy the client id and the client secret.',
    ],
  ],
]

/** How Google comes to know Postern. */
export function googlePage(view: {
  clientId: string | undefined
  /** The environment sets it. */
  fixed: boolean
  formToken: string
  /** What is wrong with what was pasted. */
  complaint: string | undefined
  /** The field that it is about. */
  wrong?: 'json' | 'clientId' | undefined
  /** The client id that was given, if it is one. */
  typed?: string | undefined
}): string {
  const { clientId, fixed, complaint } = view
  return page(
    'Google access',
    html`<h1>Google access</h1>
      <section aria-labelledby="state">
        <h2 id="state">Your OAuth client</h2>
        ${
          clientId === undefined
            ? html`<p>
                Google lets a program into a mailbox only under a client id. Postern brings none of its own:
                with your own, nobody but you and Google is between you and your mail. Making one takes about
                five minutes, once.
              </p>`
            : html`<p>
                Postern uses <code class="wrap">${clientId}</code>${
                  fixed ? ', which the environment sets (GOOGLE_CLIENT_ID).' : '.'
                }
              </p>`
        }
        <p><a href="/google/workspace">For administrators of a Google Workspace</a></p>
      </section>
      ${clientId === undefined ? html`${guide()}${fixed ? '' : form(view)}` : ''}
      ${
        clientId === undefined
          ? ''
          : html`<details ${complaint === undefined ? '' : html`open`}>
              <summary>${fixed ? 'How another one is made' : 'Make or paste another one'}</summary>
              ${guide()}${fixed ? '' : form(view)}
            </details>`
      }`,
    'google',
  )
}

function guide(): Html {
  return html`<ol class="steps">
    ${steps.map(
      ([title, address, words]) =>
        html`<li class="card">
          <h2>${title}</h2>
          ${words.map((word) => html`<p>${word}</p>`)}
          <p>
            <a href="${address}" target="_blank" rel="noopener noreferrer"
              >Open the Google Cloud console<span class="heard">: ${title}</span></a
            >
          </p>
        </li>`,
    )}
  </ol>`
}

function form({
  formToken,
  complaint,
  wrong,
  typed = '',
}: Pick<Parameters<typeof googlePage>[0], 'formToken' | 'complaint' | 'wrong' | 'typed'>): Html {
  // The form is far down: with the focus the browser shows it.
  const isWrong = complaint === undefined ? '' : html`aria-describedby="complaint" autofocus`
  return html`<section aria-labelledby="paste">
    <h2 id="paste">Paste it here</h2>
    ${complaint === undefined ? '' : html`<p class="alert" role="alert" id="complaint">${complaint}</p>`}
    <form method="post" action="/google">
      <input type="hidden" name="token" value="${formToken}" />
      <label class="field" for="json">Content of the downloaded JSON file</label>
      <textarea
        id="json"
        name="json"
        rows="3"
        maxlength="8000"
        spellcheck="false"
        data-drop
        ${wrong === 'json' ? isWrong : ''}
      ></textarea>
      <p class="quiet">Or both values:</p>
      <label class="field" for="clientId">Client id</label>
      <input
        id="clientId"
        name="clientId"
        value="${typed}"
        ${wrong === 'clientId' ? isWrong : ''}
        type="text"
        maxlength="300"
        autocomplete="off"
        spellcheck="false"
      />
      <label class="field" for="clientSecret">Client secret</label>
      <input id="clientSecret" name="clientSecret" type="password" maxlength="300" autocomplete="off" />
      <button>Check and keep</button>
    </form>
  </section>`
}

/** What an administrator allows, and where. */
export function workspacePage(clientId: string | undefined): string {
  const id = clientId ?? 'the client id, once you have made one'
  return page(
    'For administrators',
    html`<h1>For administrators of a Google Workspace</h1>
      <section aria-labelledby="allow">
        <h2 id="allow">Let people connect their own mailbox</h2>
        <ol>
          <li>
            Admin console, Security, “Access and data control”, “API controls”, “Manage third-party app
            access”.
          </li>
          <li>“Configure new app”, search for the client id: <code class="wrap" data-copy>${id}</code></li>
          <li>Choose who may use it, then “Trusted” (or “Specific Google data” with the scopes below).</li>
        </ol>
        <p>
          With the audience “Internal” the app needs no verification by Google and grants do not end after 7
          days. If session control is on, exempt trusted apps, or people must connect again every day.
        </p>
      </section>
      <section aria-labelledby="scopes">
        <h2 id="scopes">Scopes</h2>
        <dl>
          ${tiers.map(
            (tier) =>
              html`<dt>${accessName(tier)}</dt>
                <dd><code class="wrap">${mailScopesOf(tier).join(' ')}</code></dd>`,
          )}
        </dl>
      </section>
      <section aria-labelledby="delegate">
        <h2 id="delegate">Without asking each person: a service account</h2>
        <ol>
          <li>Cloud console, “IAM”, “Service accounts”: make one and a JSON key for it.</li>
          <li>
            Admin console, Security, “API controls”, “Domain-wide delegation”, “Add new”: the service
            account’s numeric client id, and exactly one scope of the list above.
          </li>
          <li>
            Name key file and mailbox in Postern’s accounts file (POSTERN_ACCOUNTS_FILE, docs/operations.md).
          </li>
        </ol>
      </section>`,
    'google',
  )
}
