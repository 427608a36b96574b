/** What the mailbox page asks of the simulator. All answers are synchronous: the state is at hand. */

export interface LabelCount {
  readonly id: string
  /** As Gmail shows it: `INBOX`, `Work/Projects`. */
  readonly name: string
  readonly type: 'system' | 'user'
  readonly messagesTotal: number
  readonly messagesUnread: number
}

export interface MessageRow {
  readonly id: string
  readonly threadId: string
  readonly labelIds: readonly string[]
  /** Header values, unfolded. Encoded words (RFC 2047) may be left in: the page decodes them. */
  readonly from: string
  readonly to: string
  readonly subject: string
  /** Plain text, not escaped for HTML: the page escapes. */
  readonly snippet: string
  /** Epoch milliseconds. */
  readonly internalDate: number
}

export interface MessageBytes {
  readonly id: string
  readonly threadId: string
  readonly labelIds: readonly string[]
  readonly internalDate: number
  readonly raw: Buffer
}

/** One method of the quota ledger. */
export interface LedgerLine {
  readonly method: string
  readonly calls: number
  readonly units: number
}

interface SimulatorStatus {
  /** Units one user may spend in a minute; 0 when not limited. */
  readonly unitsPerMinute: number
  /** Units spent in the last 60 seconds by the account that spent most. */
  readonly unitsLastMinute: number
  readonly ledger: readonly LedgerLine[]
}

/** Something in this account's mailbox changed: the page asks for what is new by itself. */
export interface MailboxChange {
  readonly address: string
  readonly kind: 'added' | 'deleted' | 'labels'
  readonly messageId?: string
}

export interface MailboxPageSource {
  /** Addresses, the demo account first. */
  accounts(): readonly string[]
  labels(address: string): readonly LabelCount[]
  /** Newest first. Without a label: All Mail, that is everything but SPAM and TRASH. */
  messages(
    address: string,
    labelId: string | undefined,
    page: { readonly offset: number; readonly limit: number },
  ): { readonly rows: readonly MessageRow[]; readonly total: number }
  /** Undefined when there is no such message. */
  message(address: string, id: string): MessageBytes | undefined
  /** As another Gmail client would; it enters the history. False when there is no such message. */
  changeLabels(address: string, id: string, add: readonly string[], remove: readonly string[]): boolean
  /** Delivers a message from outside to the account's INBOX, unread; returns the new message's id. */
  deliver(address: string, raw: Buffer): string
  /** Calls the listener after each change, until the returned function is called. */
  subscribe(listener: (change: MailboxChange) => void): () => void
  status(): SimulatorStatus
  /** Epoch milliseconds by the simulator's clock. */
  now(): number
}
