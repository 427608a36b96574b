/** What a user name asks for. */
export interface LoginName {
  /** Goes to the doorman. */
  readonly address: string
  /** Everything of the last days, whatever was popped before. */
  readonly recent: boolean
  /** Undefined: the inbox. */
  readonly mailbox: string | undefined
}

const recentPrefix = 'recent:'

/**
 * `address`, `recent:address` (as Gmail has it, facts/peers.md section 2), `address/mailbox`, or both. An address ends at
 * the first slash after its at sign: the mailbox may hold more of them.
 */
export function parseLoginName(user: string): LoginName {
  const recent = user.toLowerCase().startsWith(recentPrefix)
  const rest = recent ? user.slice(recentPrefix.length).trim() : user
  const slash = rest.indexOf('/', rest.indexOf('@') + 1)
  if (slash === -1 || !rest.includes('@')) return { address: rest, recent, mailbox: undefined }
  const mailbox = rest.slice(slash + 1)
  return { address: rest.slice(0, slash), recent, mailbox: mailbox === '' ? undefined : mailbox }
}
