import { metadataOnly } from '../errors.ts'
import type { MessageRow } from '../mailbox/mailbox.ts'
import { endOfHeader, parseHeaders } from '../mime/headers.ts'
import { parseMessage } from '../mime/part.ts'
import { escapeHtml } from '../mime/snippet.ts'
import { encodeOctets, shownLabels } from '../world.ts'
import type { MethodCall } from './method.ts'
import { fullPayload, shownHeaders } from './payload.ts'
import { parseParameters } from '../mime/headers.ts'
import { headerValue } from '../mime/headers.ts'
import { seesOnlyMetadata } from './scopes.ts'

export const messageFormats = ['full', 'metadata', 'minimal', 'raw'] as const
export type MessageFormat = (typeof messageFormats)[number]

/** How the call wants messages, checked against its scopes. Throws GmailError 403. */
export function requestedFormat<Format extends MessageFormat>(
  { query, token }: MethodCall,
  formats: readonly Format[],
): Format {
  const format = query.choice('format', formats, 'full' as Format)
  if (seesOnlyMetadata(token.scopes) && (format === 'full' || format === 'raw'))
    throw metadataOnly(`Metadata scope doesn't allow format ${format.toUpperCase()}`)
  return format
}

/** `{id, threadId, labelIds}`: what methods that change a message answer. */
export function briefMessage(call: MethodCall, row: MessageRow): object {
  const labelIds = shownLabels(call.world, call.mailbox.labelIdsOf(row.n))
  return { id: row.id, threadId: row.thread, ...(labelIds.length > 0 ? { labelIds } : {}) }
}

/** Message of the API. Fact sheet section 2.3. */
export function describeMessage(
  call: MethodCall,
  row: MessageRow,
  format: MessageFormat,
  metadataHeaders: readonly string[] = [],
): object {
  const { world, account, mailbox } = call
  const message: Record<string, unknown> = {
    ...briefMessage(call, row),
    snippet: escapeHtml(mailbox.snippet(row)),
  }
  if (format === 'raw') message['raw'] = encodeOctets(world, mailbox.raw(row))
  else if (format !== 'minimal') {
    const raw = mailbox.raw(row)
    if (format === 'full') message['payload'] = fullPayload(world, account, raw, parseMessage(raw))
    else {
      const headers = parseHeaders(raw, 0, endOfHeader(raw, 0, raw.length))
      const { value } = parseParameters(headerValue(headers, 'content-type') ?? '')
      const shown = shownHeaders(headers, metadataHeaders)
      message['payload'] = {
        mimeType: value.includes('/') ? value : 'text/plain',
        ...(shown.length > 0 ? { headers: shown } : {}),
      }
    }
  }
  message['sizeEstimate'] = row.estimate
  message['historyId'] = String(row.history)
  message['internalDate'] = String(row.date)
  return message
}
