import { html, type Html } from './html.ts'
import type { LabelCount } from './mailbox-source.ts'
import { linkTo, type Place, type ViewParts } from './place.ts'

const shownSystemLabels = new Map([
  ['INBOX', 'Inbox'],
  ['STARRED', 'Starred'],
  ['IMPORTANT', 'Important'],
  ['SENT', 'Sent'],
  ['DRAFT', 'Drafts'],
  ['', 'All Mail'],
  ['UNREAD', 'Unread'],
  ['SPAM', 'Spam'],
  ['TRASH', 'Trash'],
])

/** The labels with their counts, system labels in Gmail's order. */
export function labelList({ source, place }: ViewParts): Html {
  const labels = source.labels(place.address)
  const byId = new Map(labels.map((label) => [label.id, label]))
  const rows: Html[] = []
  for (const [id, name] of shownSystemLabels) {
    const total = id === '' ? source.messages(place.address, undefined, { offset: 0, limit: 1 }).total : 0
    rows.push(
      labelLine(name, id === '' ? { messagesTotal: total, messagesUnread: 0 } : byId.get(id), id, place),
    )
  }
  const own = labels.filter((label) => label.type === 'user').sort((a, b) => (a.name < b.name ? -1 : 1))
  const categories = labels.filter((label) => label.id.startsWith('CATEGORY_') && label.messagesTotal > 0)
  const line = (label: LabelCount) => labelLine(labelName(labels, label.id), label, label.id, place)
  return html`<ul>
      ${rows}
    </ul>
    ${
      own.length === 0
        ? ''
        : html`<h2>Labels</h2>
            <ul>
              ${own.map(line)}
            </ul>`
    }
    ${
      categories.length === 0
        ? ''
        : html`<h2>Categories</h2>
            <ul>
              ${categories.map(line)}
            </ul>`
    }`
}

function labelLine(
  name: string,
  counts: { messagesTotal: number; messagesUnread: number } | undefined,
  id: string,
  place: Place,
): Html {
  const here = id === (place.labelId ?? '')
  const unread = counts?.messagesUnread ?? 0
  const total = counts?.messagesTotal ?? 0
  const link = linkTo({ address: place.address, labelId: id === '' ? undefined : id, page: 1 })
  return html`<li>
    <a href="${link}" ${here ? html`aria-current="page"` : ''}
      ><span>${name}</span>
      <span class="counts"
        >${unread === 0 ? '' : html`<b>${unread}<i class="unseen"> unread of</i></b> `}${total}</span
      ></a
    >
  </li> `
}

/** A label's name for people. */
export function labelName(labels: readonly LabelCount[], id: string | undefined): string {
  const shown = shownSystemLabels.get(id ?? '')
  if (shown !== undefined) return shown
  const name = labels.find((label) => label.id === id)?.name ?? id ?? ''
  if (!name.startsWith('CATEGORY_')) return name
  return name.charAt(9) + name.slice(10).toLowerCase()
}
