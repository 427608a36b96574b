import type { Tier } from '#auth/scopes.ts'
import type { AccountState } from '../house.ts'

/** What a person reads about each amount of access, in the order of the choice. */
export const accessWords: readonly (readonly [tier: Tier, name: string, explanation: string])[] = [
  [
    'modify',
    'Read, change and send',
    'For everyday mail. Deleted mail goes to Trash; nothing is deleted for ever.',
  ],
  [
    'full',
    'Everything, deleting for ever included',
    'Only where your mail program should empty Trash and Spam itself.',
  ],
  ['read', 'Read only', 'Mail can be read and copied away, nothing can be changed or sent.'],
  ['send', 'Send only', 'For programs and devices that send mail and never read it.'],
]

export function accessName(tier: Tier): string {
  return accessWords.find(([one]) => one === tier)?.[1] ?? tier
}

/** One sentence on where an account stands. */
export function stateOf({ phase, messages, hydrated }: AccountState): string {
  const count = `${messages.toLocaleString('en')} ${messages === 1 ? 'message' : 'messages'}`
  const ahead =
    hydrated < messages ? `, ${hydrated.toLocaleString('en')} of them prepared for quick reading` : ''
  switch (phase) {
    case 'unsynced':
      return 'Waiting for the first look at the mailbox.'
    case 'listing':
      return `Reading the list of messages: ${count} so far.`
    case 'expired':
      return `Comparing with Gmail anew: ${count}.`
    case 'catching-up':
      return `Catching up with Gmail: ${count}${ahead}.`
    case 'live':
      return `Up to date: ${count}${ahead}.`
  }
}

/** A day for people, in UTC: the server does not know where they are. */
export function day(epochMs: number | undefined, otherwise: string): string {
  return epochMs === undefined ? otherwise : new Date(epochMs).toISOString().slice(0, 10)
}
