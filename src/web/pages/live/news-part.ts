import { html } from '../../html.ts'
import type { Html } from '../../html.ts'
import type { LiveState } from './live-parts.ts'

/**
 * What a screen reader is told while the page is open. It changes only when somebody comes or goes, a mailbox is ready, or
 * something goes wrong: figures that run would be talked about without end.
 */
export function newsPart({ accounts, clients, troubles }: LiveState): Html {
  const works = accounts.filter(({ alert }) => alert === undefined)
  const ready = works.filter(({ phase, access }) => phase === 'live' || access === 'send').length
  const sentences = [
    accounts.length === 0
      ? ''
      : `${ready} of ${counted(accounts.length, 'mailbox', 'mailboxes')} up to date.`,
    clients === undefined ? '' : `${counted(clients.length, 'mail program', 'mail programs')} connected.`,
    troubles === undefined || troubles.length === 0
      ? ''
      : `${counted(troubles.length, 'trouble', 'troubles')} noted.`,
  ]
  return html`${sentences.filter((sentence) => sentence !== '').join(' ')}`
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
