/**
 * The mailbox behind an address, for comparing only. Letter case never matters to Gmail; dots do not where the
 * domain is gmail.com, of which googlemail.com is another name. A Workspace domain may have dots that matter.
 */
export function mailboxKey(address: string): string {
  const lower = address.trim().toLowerCase()
  const at = lower.lastIndexOf('@')
  const domain = lower.slice(at + 1)
  if (at < 1 || (domain !== 'gmail.com' && domain !== 'googlemail.com')) return lower
  return `${lower.slice(0, at).replaceAll('.', '')}@gmail.com`
}

export function isSameMailbox(one: string, other: string): boolean {
  return mailboxKey(one) === mailboxKey(other)
}
