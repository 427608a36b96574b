import { frame } from './frame.ts'
import { html, type Html } from './html.ts'
import { labelName } from './label-list.ts'
import type { MessageBytes } from './mailbox-source.ts'
import { actionForm, linkTo, type ViewParts } from './place.ts'
import { readMessage } from './readable-message.ts'

/** One message opened. */
export function messagePage(parts: ViewParts, message: MessageBytes): string {
  const { source, place } = parts
  const readable = readMessage(message.raw)
  const subject = readable.subject === '' ? '(no subject)' : readable.subject
  const labels = source.labels(place.address)
  const unread = message.labelIds.includes('UNREAD')
  const starred = message.labelIds.includes('STARRED')
  const trashed = message.labelIds.includes('TRASH')
  const inbox = message.labelIds.includes('INBOX')
  const button = (action: string, text: string) =>
    actionForm(parts, message.id, action, html`${text}`, 'message')
  return frame(
    parts,
    subject,
    html`<p><a href="${linkTo(place)}">← ${labelName(labels, place.labelId)}</a></p>
      <article>
        <h1>${subject}</h1>
        <p class="chips">
          ${message.labelIds.map((id) => html`<span class="chip">${labelName(labels, id)}</span> `)}
        </p>
        <dl>
          <dt>From</dt>
          <dd>${readable.from}</dd>
          <dt>To</dt>
          <dd>${readable.to}</dd>
          ${
            readable.cc === ''
              ? ''
              : html`<dt>Cc</dt>
                  <dd>${readable.cc}</dd>`
          }
          <dt>Date</dt>
          <dd>${readable.date}</dd>
          <dt>Gmail id</dt>
          <dd>
            <code>${message.id}</code>, thread <code>${message.threadId}</code>, ${message.raw.length} bytes
          </dd>
        </dl>
        <div class="actions">
          ${unread ? button('read', 'Mark as read') : button('unread', 'Mark as unread')}
          ${starred ? button('unstar', 'Remove star') : button('star', 'Star')}
          ${inbox ? button('archive', 'Archive') : button('inbox', 'Move to Inbox')}
          ${trashed ? '' : button('trash', 'Move to Trash')}
          <a class="button" href="${linkTo(place, '/mailbox/original', { id: message.id })}">Show original</a>
        </div>
        ${readable.fromHtml ? html`<p class="faint">This message has HTML only; here are its words.</p>` : ''}
        <pre class="text" tabindex="0" aria-label="Text of the message">${readable.text}</pre>
        ${readable.cut ? html`<p class="faint">The text is longer than what is shown here.</p>` : ''}
        ${readable.attachments.length === 0 ? '' : attachmentList(readable.attachments)}
      </article>`,
  )
}

function attachmentList(attachments: readonly { name: string; type: string; sizeBytes: number }[]): Html {
  return html`<h2>Attachments</h2>
    <ul class="attachments">
      ${attachments.map(
        ({ name, type, sizeBytes }) =>
          html`<li>${name} <span class="faint">${type}, ${sizeBytes} bytes</span></li>`,
      )}
    </ul>`
}
