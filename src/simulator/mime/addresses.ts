/** The addresses in a header value such as To, in lower case. Tolerant: groups, comments, quotes, missing brackets. */
export function addressesIn(value: string): string[] {
  const found: string[] = []
  for (const mailbox of splitMailboxes(value)) {
    const open = mailbox.lastIndexOf('<')
    const close = mailbox.indexOf('>', open + 1)
    const bare = open >= 0 ? mailbox.slice(open + 1, close < 0 ? undefined : close) : mailbox
    const address = bare.trim().toLowerCase()
    if (address.includes('@') && !/\s/.test(address)) found.push(address)
  }
  return found
}

function splitMailboxes(value: string): string[] {
  const mailboxes: string[] = []
  let current = ''
  let quoted = false
  let comment = 0
  const push = () => {
    mailboxes.push(current)
    current = ''
  }
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at] ?? ''
    if (char === '\\' && (quoted || comment > 0)) at += 1
    else if (char === '"' && comment === 0) quoted = !quoted
    else if (quoted) continue
    else if (char === '(') comment += 1
    else if (char === ')' && comment > 0) comment -= 1
    else if (comment > 0) continue
    else if (char === ',' || char === ';') push()
    else if (char === ':') current = ''
    else current += char
  }
  push()
  return mailboxes
}

/** The ids in Message-ID, References or In-Reply-To, without their brackets. */
export function messageIdsIn(value: string): string[] {
  const ids: string[] = []
  let at = value.indexOf('<')
  while (at >= 0) {
    const close = value.indexOf('>', at)
    if (close < 0) break
    const id = value.slice(at + 1, close).trim()
    if (id !== '') ids.push(id)
    at = value.indexOf('<', close)
  }
  if (ids.length === 0 && value.trim() !== '' && !value.includes('<')) ids.push(value.trim())
  return ids
}

/** A subject without its Re:, Fwd: and the like, for threading. */
export function baseSubject(subject: string): string {
  let text = subject.replaceAll(/\s+/g, ' ').trim().toLowerCase()
  for (;;) {
    const colon = text.indexOf(':')
    const prefix = colon > 0 && colon <= 4 ? text.slice(0, colon) : ''
    if (!['re', 'fw', 'fwd', 'aw', 'wg', 'sv', 'tr', 'rv'].includes(prefix)) return text
    text = text.slice(colon + 1).trim()
  }
}
