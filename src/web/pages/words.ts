import type { Tier } from '#auth/scopes.ts'
import type { AccountState } from '../house.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'

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

/** What each access lets mail programs do. */
const abilities: readonly (readonly [words: string, tiers: readonly Tier[]])[] = [
  ['Reading mail: IMAP and POP3', ['read', 'modify', 'full']],
  ['Marking, moving, labelling and deleting into Trash', ['modify', 'full']],
  ['Sending: SMTP', ['send', 'modify', 'full']],
  ['Deleting for ever', ['full']],
]

export function whatWorks(tier: Tier): string[] {
  return abilities.flatMap(([words, tiers]) => (tiers.includes(tier) ? [words] : []))
}

/** What `wanted` has and `given` has not. */
export function whatIsMissing(wanted: Tier, given: Tier): string[] {
  return abilities.flatMap(([words, tiers]) =>
    tiers.includes(wanted) && !tiers.includes(given) ? [words] : [],
  )
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

/** A moment for people: the script puts it into their own time. */
export function moment(epochMs: number): Html {
  const text = new Date(epochMs).toISOString()
  return html`<time datetime="${text}">${text.slice(0, 16).replace('T', ' ')} UTC</time>`
}

/** Of an address: `?account=…`; empty without one. */
export function accountQuery(address: string | undefined, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...(address === undefined ? {} : { account: address }), ...more })
  return query.size === 0 ? '' : `?${query.toString()}`
}
