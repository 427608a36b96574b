import type { PasswordWish } from '#auth/password-book.ts'
import type { Door } from '#mail/doorman.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'

/** What was filled in, as it came. */
export type PasswordFields = Pick<URLSearchParams, 'get' | 'getAll'>

export interface PasswordFormView {
  readonly address: string
  readonly formToken: string
  /** What the access of the account leaves to open. */
  readonly doors: readonly Door[]
  /** The account itself is read only. */
  readonly isReadOnly: boolean
  /** What was filled in before, when that cannot be used. */
  readonly fields?: PasswordFields | undefined
  /** What is wrong with it. */
  readonly complaint?: { readonly text: string; readonly about: keyof PasswordWish | undefined } | undefined
}

/** Programs that trip over a capability, and over which. */
const presets: readonly (readonly [capability: string, words: string])[] = [
  ['UIDONLY', 'Outlook: hide UIDONLY, if it stops while it reads the folder'],
  ['X-GM-EXT-1', 'Thunderbird: hide X-GM-EXT-1, if it should delete and copy as on any other server'],
]

const rights: readonly (readonly [value: string, name: string, explanation: string])[] = [
  ['all', 'Everything', 'As far as the mailbox itself allows.'],
  ['no-delete', 'No delete', 'Nothing can vanish: nothing goes to Trash or Spam, nothing is expunged.'],
  ['read', 'Read only', 'Nothing can be changed or sent.'],
]

const terms: readonly (readonly [days: string, words: string])[] = [
  ['', 'ever'],
  ['1', 'a day'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['365', 'a year'],
]

/** Name and rights of a new password. What is seldom wanted is folded away. */
export function passwordForm(view: PasswordFormView): Html {
  const { address, formToken, doors, isReadOnly, fields, complaint } = view
  const field = new Fields(view)
  return html`<section aria-labelledby="make">
    <h2 id="make">Make a password</h2>
    <p>One for each device, so that you can revoke it alone.</p>
    ${
      complaint === undefined || complaint.about !== undefined
        ? ''
        : html`<p class="alert" role="alert">${complaint.text}.</p>`
    }
    <form method="post" action="/passwords">
      <input type="hidden" name="token" value="${formToken}" />
      <input type="hidden" name="account" value="${address}" />
      <label class="field" for="name">Name of the device or program</label>
      ${field.problem('name')}
      <input
        id="name"
        name="name"
        type="text"
        maxlength="60"
        autocomplete="off"
        value="${field.text('name')}"
        ${field.marks('name')}
      />
      <fieldset ${field.isAbout('doors') ? html`aria-describedby="problem"` : ''}>
        <legend>It opens</legend>
        ${field.problem('doors')}
        <div class="row">
          ${doors.map(
            (door, index) =>
              html`<label class="choice"
                ><input
                  type="checkbox"
                  name="allow"
                  value="${door}"
                  ${fields === undefined || fields.getAll('allow').includes(door) ? html`checked` : ''}
                  ${index === 0 && field.isAbout('doors') ? html`autofocus` : ''}
                />
                <span>${door.toUpperCase()}</span></label
              >`,
          )}
        </div>
      </fieldset>
      ${isReadOnly ? html`<p class="hint">This mailbox is connected for reading only.</p>` : rightsChoice(fields)}
      <details ${field.isLimited ? html`open` : ''}>
        <summary>More limits: until when, from where, which mailboxes</summary>
        ${expiry(field, fields)}
        <label class="field" for="sources">Good only from these addresses or networks, one a line</label>
        <p class="hint" id="sources-hint">Empty: from anywhere. For example 192.0.2.7 or 2001:db8::/32.</p>
        ${field.problem('sources')}
        <textarea
          id="sources"
          name="sources"
          rows="2"
          maxlength="5000"
          spellcheck="false"
          ${field.marks('sources', 'sources-hint')}
        >
${field.text('sources')}</textarea>
        <label class="field" for="mailboxes">Only these mailboxes, one a line</label>
        <p class="hint" id="mailboxes-hint">Empty: all. As a mail program shows them: INBOX, Work/Bills.</p>
        <textarea
          id="mailboxes"
          name="mailboxes"
          rows="2"
          maxlength="8000"
          spellcheck="false"
          aria-describedby="mailboxes-hint"
        >
${field.text('mailboxes')}</textarea>
        <fieldset>
          <legend>For programs that trip over something</legend>
          ${presets.map(
            ([capability, words]) =>
              html`<label class="choice"
                ><input
                  type="checkbox"
                  name="preset"
                  value="${capability}"
                  ${fields?.getAll('preset').includes(capability) === true ? html`checked` : ''}
                />
                <span>${words}</span></label
              >`,
          )}
          <label class="field" for="hide">Other IMAP capabilities to hide, by name</label>
          ${field.problem('hiddenCapabilities')}
          <input
            id="hide"
            name="hide"
            type="text"
            maxlength="1000"
            autocomplete="off"
            spellcheck="false"
            value="${field.text('hide')}"
            ${field.marks('hiddenCapabilities')}
          />
        </fieldset>
      </details>
      <button>Make a password</button>
    </form>
  </section>`
}

function rightsChoice(fields: PasswordFields | undefined): Html {
  const chosen = fields?.get('may') ?? 'all'
  return html`<fieldset>
    <legend>It may do</legend>
    ${rights.map(
      ([value, name, explanation]) =>
        html`<label class="choice"
          ><input type="radio" name="may" value="${value}" ${value === chosen ? html`checked` : ''} />
          <span>${name}</span> <span class="quiet">${explanation}</span></label
        >`,
    )}
  </fieldset>`
}

function expiry(field: Fields, fields: PasswordFields | undefined): Html {
  const days = fields?.get('days') ?? ''
  return html`<label class="field" for="days">Good for</label>
    <select id="days" name="days">
      ${terms.map(
        ([value, words]) =>
          html`<option value="${value}" ${value === days ? html`selected` : ''}>${words}</option>`,
      )}
    </select>
    <label class="field" for="until">Or to the end of this day (UTC)</label>
    ${field.problem('expiresAt')}
    <input id="until" name="until" type="date" value="${field.text('until')}" ${field.marks('expiresAt')} />`
}

/** The fields as they were sent, with the complaint beside the one that it is about. */
class Fields {
  readonly #fields: PasswordFields | undefined
  readonly #complaint: PasswordFormView['complaint']

  constructor({ fields, complaint }: PasswordFormView) {
    this.#fields = fields
    this.#complaint = complaint
  }

  /** Something of what is folded away was filled in. */
  get isLimited(): boolean {
    return (
      ['days', 'until', 'sources', 'mailboxes', 'hide', 'preset'].some((name) => this.text(name) !== '') ||
      this.#complaint?.about === 'expiresAt'
    )
  }

  text(name: string): string {
    return this.#fields?.get(name) ?? ''
  }

  /** The complaint is about this one. */
  isAbout(about: keyof PasswordWish): boolean {
    return this.#complaint?.about === about
  }

  problem(about: keyof PasswordWish): Html | undefined {
    if (!this.isAbout(about)) return undefined
    return html`<p class="problem" role="alert" id="problem">${this.#complaint?.text}.</p>`
  }

  /** Attributes of the field: what is wrong, where its hint is. With the focus the browser shows it. */
  marks(about: keyof PasswordWish, hint?: string): Html {
    const isWrong = this.isAbout(about)
    const described = [isWrong ? 'problem' : '', hint ?? ''].filter((id) => id !== '').join(' ')
    return html`${isWrong ? html`aria-invalid="true" autofocus` : ''}
    ${described === '' ? '' : html`aria-describedby="${described}"`}`
  }
}
