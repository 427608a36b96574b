import { headerFields } from './sections.ts'

/**
 * The fields that mail clients ask for to show their lists: Thunderbird, Apple Mail, Outlook, K-9, mutt, mbsync, node-imap
 * and imapflow. They are kept apart from the rest of the header, which is mostly traces and signatures.
 */
const names = [
  'date',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'subject',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'priority',
  'x-priority',
  'importance',
  'newsgroups',
  'delivered-to',
  'list-id',
  'list-post',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'auto-submitted',
  'disposition-notification-to',
  'resent-date',
  'resent-from',
  'x-mailer',
  'user-agent',
] as const
const common = new Set<string>(names)
/** A header with more of them is not worth keeping apart. */
const limitBytes = 16 * 1024

const answered = new WeakMap<readonly string[], boolean>()

/** Whether it is one of them; letter case does not matter. */
export function isCommon(field: string): boolean {
  return common.has(field.toLowerCase())
}

/** Whether `commonFields` has all that a HEADER.FIELDS of these names asks for. Pass the same array for the same names. */
export function areCommon(fields: readonly string[]): boolean {
  let all = answered.get(fields)
  if (all === undefined) {
    all = fields.every(isCommon)
    answered.set(fields, all)
  }
  return all
}

/** The common fields of a header as they stand, and its empty line; undefined when they are too long to keep at hand. */
export function commonFields(header: Buffer): Buffer | undefined {
  const fields = headerFields(header, names, false)
  return fields.length > limitBytes ? undefined : fields
}
