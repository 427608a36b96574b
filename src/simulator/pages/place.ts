import { html, type Html } from './html.ts'
import type { MailboxPageSource } from './mailbox-source.ts'

export const pageSize = 50

/** Where a person is: every link and form carries it. */
export interface Place {
  address: string
  /** Absent: All Mail. */
  labelId: string | undefined
  /** From 1. */
  page: number
}

export interface ViewParts {
  source: MailboxPageSource
  place: Place
  /** Proof that a form came from this page. */
  token: string
  /** Said above the list once, after a person did something. */
  notice?: string
}

/** An address of this page that keeps the place. */
export function linkTo(place: Place, path = '/', more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ account: place.address, label: place.labelId ?? '' })
  if (place.page > 1) query.set('page', String(place.page))
  for (const [name, value] of Object.entries(more)) query.set(name, value)
  return `${path}?${query.toString()}`
}

/** A button that changes a message's labels. */
export function actionForm(
  { place, token }: ViewParts,
  id: string,
  action: string,
  content: Html,
  from: 'list' | 'message',
  style = 'button',
): Html {
  return html`<form method="post" action="/mailbox/labels">
    ${hidden({
      token,
      account: place.address,
      label: place.labelId ?? '',
      page: String(place.page),
      id,
      from,
    })}<button name="action" value="${action}" class="${style}">${content}</button>
  </form>`
}

export function hidden(fields: Record<string, string>): Html[] {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )
}
