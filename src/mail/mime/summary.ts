/**
 * Everything that is derived from a message once, when its bytes are first here, and kept for good.
 * `envelope`, `bodyStructure` and `body` are ready-made IMAP text with one character per octet (latin1), literals included.
 */
export interface MessageSummary {
  readonly sizeBytes: number
  /** ENVELOPE with its parentheses. RFC 9051 section 7.5.2. */
  readonly envelope: string
  /** BODYSTRUCTURE (with extension data), with its parentheses. */
  readonly bodyStructure: string
  /** BODY (without extension data), with its parentheses. */
  readonly body: string
  /** Epoch milliseconds of the Date field; undefined when there is none that can be read. */
  readonly sentDate: number | undefined
  /** The Date field's calendar day as `YYYYMMDD` without regard to its zone, for SENTON and its kin; undefined as above. */
  readonly sentDay: number | undefined
  /** Decoded Unicode text of address fields (names and addresses) and Subject, for search and sort. */
  readonly from: string
  readonly to: string
  readonly cc: string
  readonly bcc: string
  readonly subject: string
  /** Message-ID, In-Reply-To and References, each id with its angle brackets, in order. RFC 5322 section 3.6.4. */
  readonly rfcMessageId: string | undefined
  readonly inReplyTo: readonly string[]
  readonly references: readonly string[]
}
