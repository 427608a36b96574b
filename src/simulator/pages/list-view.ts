import { decodeWords } from '../mime/encoded-words.ts'
import { frame } from './frame.ts'
import { html, type Html } from './html.ts'
import { labelName } from './label-list.ts'
import type { MessageRow } from './mailbox-source.ts'
import { actionForm, hidden, linkTo, pageSize, type Place, type ViewParts } from './place.ts'

/** The list of a label's messages. */
export function listPage(parts: ViewParts): string {
  const { source, place } = parts
  const { rows, total } = source.messages(place.address, place.labelId, {
    offset: (place.page - 1) * pageSize,
    limit: pageSize,
  })
  const name = labelName(source.labels(place.address), place.labelId)
  const last = Math.max(1, Math.ceil(total / pageSize))
  const first = (place.page - 1) * pageSize + 1
  return frame(
    parts,
    `${name} – ${place.address}`,
    html`<h1>${name}</h1>
      <p class="faint">
        ${rows.length === 0 ? 'No messages' : html`${first}–${first + rows.length - 1} of ${total}`}
      </p>
      ${parts.notice === undefined ? '' : html`<p class="notice" role="status">${parts.notice}</p>`}
      <ul class="messages">
        ${rows.map((row) => messageLine(row, parts))}
      </ul>
      ${last > 1 ? pager(place, last) : ''}`,
    testForm(parts),
  )
}

function messageLine(row: MessageRow, parts: ViewParts): Html {
  const unread = row.labelIds.includes('UNREAD')
  const starred = row.labelIds.includes('STARRED')
  const { labelId } = parts.place
  const people =
    labelId === 'SENT' || labelId === 'DRAFT' ? `To: ${decodeWords(row.to)}` : decodeWords(row.from)
  const subject = decodeWords(row.subject) === '' ? '(no subject)' : decodeWords(row.subject)
  const star = html`<span aria-hidden="true">${starred ? '★' : '☆'}</span
    ><span class="unseen">${starred ? 'Remove star' : 'Star'}: ${subject}</span>`
  const dot = html`<span aria-hidden="true">${unread ? '●' : '○'}</span
    ><span class="unseen">${unread ? 'Mark as read' : 'Mark as unread'}: ${subject}</span>`
  const moment = new Date(Math.min(row.internalDate, 8.64e15))
  return html`<li id="m${row.id}" class="${unread ? 'unread' : 'read'}">
    ${actionForm(parts, row.id, starred ? 'unstar' : 'star', star, 'list', starred ? 'star on' : 'star')}
    <a href="${linkTo(parts.place, '/mailbox/message', { id: row.id })}">
      <span class="who">${unread ? html`<i class="unseen">Unread. </i>` : ''}${personName(people)}</span>
      <span class="what"
        ><span class="subject">${subject}</span> <span class="faint">${row.snippet}</span></span
      >
      <time datetime="${moment.toISOString()}">${shortDate(moment, new Date(parts.source.now()))}</time>
    </a>
    ${actionForm(parts, row.id, unread ? 'read' : 'unread', dot, 'list', 'dot')}
  </li> `
}

/** The name without the address, where there is one. */
function personName(text: string): string {
  const open = text.indexOf('<')
  const name = open > 0 ? text.slice(0, open).trim() : text
  return name.length > 1 && name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name
}

function shortDate(moment: Date, now: Date): string {
  if (moment.toDateString() === now.toDateString()) {
    return moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  }
  const year = moment.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const }
  return moment.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...year })
}

function pager(place: Place, last: number): Html {
  const { page } = place
  return html`<nav class="pager" aria-label="Pages">
    ${page > 1 ? html`<a class="button" rel="prev" href="${linkTo({ ...place, page: page - 1 })}">Newer</a>` : ''}
    <span>Page ${page} of ${last}</span>
    ${page < last ? html`<a class="button" rel="next" href="${linkTo({ ...place, page: page + 1 })}">Older</a>` : ''}
  </nav>`
}

function testForm({ place, token }: ViewParts): Html {
  return html`<section class="card">
    <h2>Send a test message and watch it arrive</h2>
    <p class="faint">
      It is delivered to <b>${place.address}</b> as if from outside. A mail client in IDLE shows it within
      seconds.
    </p>
    <form method="post" action="/mailbox/deliver" class="test">
      ${hidden({ token, account: place.address })}
      <label
        >From <input name="from" value="Ada Lovelace &lt;ada@example.org&gt;" maxlength="300" required
      /></label>
      <label>Subject <input name="subject" value="Grüße aus dem Simulator" maxlength="500" /></label>
      <label
        >Text
        <textarea name="text" rows="4" maxlength="20000">
Hello! If you can read this in your mail client, it works.</textarea>
      </label>
      <button class="primary">Send</button>
    </form>
  </section>`
}
