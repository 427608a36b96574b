/**
 * What nobody outside Google has established (fact sheet, 'Not established') and what the sheet leaves open,
 * decided once. A rule that is more than a value is a sentence here and code where it applies.
 *
 * Rules without a value:
 * - A project is a new one: the units of May 2026, 'Total Query Cost' in the quota error. Every unlisted settings
 *   method costs what the old page said; labels.patch costs what labels.update costs.
 * - messages.trash adds TRASH and takes away INBOX and SPAM; user labels, UNREAD and STARRED stay. untrash gives back
 *   the INBOX or SPAM that trash took. Both are ordinary label records in the history.
 * - modify does only what it is told: adding TRASH leaves INBOX where it is (both together are seen in the wild).
 * - Labels added and removed by one modify are two history records, added first. drafts.update and drafts.send write
 *   the new message's record first, then the deletion of the old one, each with an id of its own.
 * - A history record's message carries labelIds as they were right after that record.
 * - history.list with labelId keeps a record when the label is among the message's labels then, or is one of those changed.
 * - A startHistoryId from the future is answered like one too old: 404.
 * - Renaming a label renames that label only, never its children. Label names clash without regard to case; a clash is
 *   409, a reserved or malformed name 400.
 * - insert keeps bytes as they are, line ends included, and adds nothing. insert does not look for duplicates; import
 *   does, by Message-ID, and merges the labels. Without labelIds both archive the message as read.
 * - insert and import refuse the label CHAT, and any unknown label, with 400 'Invalid label: X'; SENT is allowed.
 * - A Date header that cannot be read means now. An unknown threadId is a 404.
 * - send turns bare LF into CRLF, adds Date and From when absent, replaces From when it is neither the account nor a
 *   send-as address, replaces Message-ID, and ignores labelIds. The sender's copy keeps Bcc. The recipient's copy
 *   gains Delivered-To, Received and Return-Path lines at the top.
 * - Recipients outside the simulator get nothing; the control endpoint lists the last of them.
 * - labelIds=SPAM or TRASH alone, and in:spam, in:trash, in:anywhere, imply includeSpamTrash.
 * - after: is inclusive, before: exclusive, both on internalDate. larger: and smaller: are strict and compare the length of
 *   raw. An unknown operator is searched for as words.
 * - Words are maximal runs of letters and digits, compared without case and accents; no stems, no prefixes.
 * - batchModify and batchDelete ignore ids that do not exist, refuse malformed ones and more than 1,000 with 400, and
 *   answer 204. batchModify leaves drafts as they are unless only TRASH is added.
 * - Adding a label to a draft by modify is 400 'Invalid label: X', except TRASH; removing UNREAD and the like is no error.
 * - Header values in payload are unfolded and their encoded words decoded.
 * - No ETag. An unknown path is a 404 in HTML. An unknown query parameter is a 400 'Cannot bind query parameter.'
 * - alt=media and alt=proto are refused: no Gmail method offers a media download.
 * - A resumable upload shows its token, scopes and parameters when it begins. Its PUTs need no token, their address is the
 *   credential; the call is charged when complete.
 * - The inner calls of a batch start together, so that each counts as a concurrent request.
 * - A Pub/Sub subscription receives all topics of its project; it need not be made first.
 */
export const choices = {
  /** Beside 403 rateLimitExceeded. */
  quotaErrorStatus: 'RESOURCE_EXHAUSTED',
  /** Seconds in a Retry-After header; none is sent, for nobody has captured one. */
  quotaRetryAfterSeconds: undefined as number | undefined,
  /**
   * The quota is a rate: a bucket that holds this share of a minute's units (never under 200) and refills at a
   * sixtieth of them a second. Measured: 2,900 units in 18 s and then an error, which is 1,080 + 18 × 100 (fact sheet
   * section 1.1, SPIKE); 18% of 6,000 is 1,080.
   */
  quotaBurstShare: 0.18,
  quotaBurstLeastUnits: 200,
  /** Requests of one mailbox under way at once; the next gets 429. */
  concurrency: 50,
  labelNameLength: 225,
  labelsPerMailbox: 10_000,
  batchIds: 1000,
  labelsPerModify: 100,
  callsPerBatch: 100,
  recipients: 500,
  /** A JSON body, raw included. Over it: 413. */
  jsonBodyBytes: 5 * 1024 * 1024,
  sendBytes: 36_700_160,
  insertBytes: 157_286_400,
  /** Characters of a snippet before HTML escaping. */
  snippetLength: 200,
  /** What resultSizeEstimate says while there is a next page. */
  resultSizeEstimate: 201,
  /** How long Pub/Sub holds a pull that finds nothing. */
  pullHoldMs: 10_000,
  pullAckDeadlineMs: 10_000,
  watchMs: 7 * 24 * 3600 * 1000,
  /** No more than one push notification in this time for each user; the excess is dropped. */
  pushIntervalMs: 1000,
} as const
