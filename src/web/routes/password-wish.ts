import { PasswordError } from '#auth/password-book.ts'
import type { PasswordWish } from '#auth/password-book.ts'
import { isSource } from '#auth/sources.ts'
import type { Door } from '#mail/doorman.ts'
import type { PasswordFields } from '../pages/password-form.ts'

const dayMs = 24 * 3600_000
const mostDays = 3660

/** What the form asks for. Throws PasswordError, about the field that cannot be used. */
export function passwordWish(
  fields: PasswordFields,
  { doors, isReadOnly, now }: { doors: readonly Door[]; isReadOnly: boolean; now: number },
): PasswordWish {
  const allowed = new Set(fields.getAll('allow'))
  const may = fields.get('may')
  return {
    name: fields.get('name') ?? undefined,
    doors: doors.filter((door) => allowed.has(door)),
    readOnly: isReadOnly || may === 'read',
    noDelete: may === 'no-delete',
    mailboxes: lines(fields.get('mailboxes')),
    sources: sources(fields.get('sources')),
    expiresAt: end(fields.get('until') ?? '', fields.get('days') ?? '', now),
    hiddenCapabilities: hidden(fields),
  }
}

/** What is in a text, one a line; undefined when there is nothing. */
function lines(text: string | null): string[] | undefined {
  const found = (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return found.length === 0 ? undefined : found
}

function sources(text: string | null): string[] | undefined {
  const found = lines(text)
  const wrong = found?.find((one) => !isSource(one))
  if (wrong === undefined) return found
  throw new PasswordError(
    `“${wrong.slice(0, 80)}” is neither an address nor a network. Write for example 192.0.2.7 or 2001:db8::/32`,
    'sources',
  )
}

function hidden(fields: PasswordFields): string[] | undefined {
  const typed = (fields.get('hide') ?? '').split(/[\s,]+/).filter((word) => word !== '')
  const all = [...new Set([...fields.getAll('preset'), ...typed])]
  return all.length === 0 ? undefined : all
}

/** Epoch milliseconds; a day that is named comes before a term. */
function end(until: string, days: string, now: number): number | undefined {
  if (until !== '') {
    const begins = /^\d{4}-\d\d-\d\d$/.test(until) ? Date.parse(`${until}T00:00:00Z`) : NaN
    if (Number.isNaN(begins))
      throw new PasswordError('Write the day as year-month-day, such as 2030-12-31', 'expiresAt')
    return begins + dayMs - 1
  }
  const count = Number(days)
  return Number.isInteger(count) && count > 0 && count <= mostDays ? now + count * dayMs : undefined
}
