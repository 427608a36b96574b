import type { Mailbox, MessageRow } from '../mailbox/mailbox.ts'
import { decodeCharset } from '../mime/charset.ts'
import { headerText } from '../mime/headers.ts'
import { isInlineText, parseMessage, partBody, walk } from '../mime/part.ts'
import { stripTags } from '../mime/snippet.ts'

/** How long the event loop may be held at a time. */
const sliceMs = 20
/** Characters of a message's text that are searched; Gmail does not search endless texts either. */
const textLimit = 200_000

const underWay = new WeakMap<Mailbox, Promise<void>>()

/** Brings the search index up to the newest message. Seeding is fast because it does not do this. */
export function completeIndex(mailbox: Mailbox): Promise<void> {
  let work = underWay.get(mailbox)
  if (!work) {
    work = indexAll(mailbox).finally(() => underWay.delete(mailbox))
    underWay.set(mailbox, work)
  }
  return work
}

async function indexAll(mailbox: Mailbox): Promise<void> {
  while (indexSlice(mailbox)) await new Promise((resolve) => setImmediate(resolve))
}

/** True when there may be more. */
function indexSlice(mailbox: Mailbox): boolean {
  const { db } = mailbox
  return db.transaction(() => {
    const indexedTo = Number(db.setting('indexedTo') ?? '0')
    const rows = db.all<MessageRow>('select * from message where n > ? order by n limit 100', indexedTo)
    const until = performance.now() + sliceMs
    let last = indexedTo
    for (const row of rows) {
      indexMessage(mailbox, row)
      last = row.n
      if (performance.now() > until) break
    }
    if (last > indexedTo) db.saveSetting('indexedTo', String(last))
    return rows.length > 0
  })
}

function indexMessage(mailbox: Mailbox, row: MessageRow): void {
  const raw = mailbox.raw(row)
  const root = parseMessage(raw)
  const texts: string[] = []
  const filenames: string[] = []
  let length = 0
  for (const part of walk(root)) {
    if (part.filename !== '') filenames.push(part.filename)
    if (!isInlineText(part) || length > textLimit) continue
    const decoded = decodeCharset(partBody(raw, part), part.charset).slice(0, textLimit)
    texts.push(part.type === 'text/html' ? stripTags(decoded) : decoded)
    length += decoded.length
  }
  const { headers } = root
  mailbox.db.run(
    'insert into search (rowid, sender, recipient, cc, bcc, subject, body, list, delivered, filename) ' +
      'values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    row.n,
    headerText(headers, 'from'),
    headerText(headers, 'to'),
    headerText(headers, 'cc'),
    headerText(headers, 'bcc'),
    headerText(headers, 'subject'),
    texts.join('\n'),
    headerText(headers, 'list-id'),
    headerText(headers, 'delivered-to', 'x-original-to'),
    filenames.join('\n'),
  )
  if (filenames.length > 0) mailbox.db.run('update message set attached = 1 where n = ?', row.n)
}
