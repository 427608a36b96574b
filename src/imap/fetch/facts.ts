import type { MessageId, MessageKey, ThreadId } from '#mail/ids.ts'
import type { MessageRecord } from '#mail/mailstore.ts'
import type { SaveDates } from '#mail/save-dates.ts'
import type { RecentMessages } from '../recent.ts'
import type { OpenedMessage } from './opened-message.ts'

/** What one answer is written from; the plan saw to it that what the items need is there. */
export interface Facts {
  readonly record?: MessageRecord | undefined
  readonly ids?: { readonly messageId: MessageId; readonly threadId: ThreadId } | undefined
  readonly message?: OpenedMessage | undefined
  /** Called when everything that was written from the message has been sent on. */
  readonly release?: (() => void) | undefined
}

/** What the index tells about the messages of one mailbox, as far as it is wanted. */
export interface MailboxFacts {
  readonly labels?: LabelFacts | undefined
  readonly saved?: SaveDates | undefined
  readonly recent?: RecentMessages | undefined
}

/** Gmail's labels of the messages, and how they are written. */
interface LabelFacts {
  readonly of: ReadonlyMap<MessageKey, readonly string[]>
  readonly utf8: boolean
}
