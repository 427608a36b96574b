import { createHash } from 'node:crypto'
import type { ConnectedClient } from '#mail/connected-client.ts'
import type { AccountState, CacheState, Trouble } from '../house.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { stateOf } from './words.ts'

/** What the overview shows and goes on showing as it changes. */
export interface LiveState {
  readonly accounts: readonly AccountState[]
  readonly clients: readonly ConnectedClient[] | undefined
  /** Sessions by protocol. */
  readonly sessions: Readonly<Record<string, number>> | undefined
  /** Units by minute, oldest first. */
  readonly usage: readonly number[] | undefined
  readonly cache: CacheState | undefined
  readonly troubles: readonly Trouble[] | undefined
}

/** By the id of the element that holds each. */
export function liveParts(state: LiveState): ReadonlyMap<string, Html> {
  const { clients, sessions, usage, cache, troubles } = state
  const parts = new Map(state.accounts.map((account, index) => [`account-${index}`, accountPart(account)]))
  if (clients !== undefined || sessions !== undefined)
    parts.set('live-clients', clientsPart(clients, sessions ?? {}))
  if (usage !== undefined) parts.set('live-usage', usagePart(usage))
  if (cache !== undefined) parts.set('live-cache', cachePart(cache))
  if (troubles !== undefined) parts.set('live-troubles', troublesPart(troubles))
  return parts
}

/** When this differs the page is made anew: accounts came, went or ended. */
export function shapeOf({ accounts }: LiveState): string {
  const shape = accounts.map(({ address, alert }) => [address, alert ?? null])
  return createHash('sha256').update(JSON.stringify(shape)).digest('base64url').slice(0, 16)
}

function accountPart(account: AccountState): Html {
  const { messages, hydrated, etaMs, alert } = account
  if (alert !== undefined)
    return html`<p class="quiet">${messages.toLocaleString('en')} messages are known.</p>`
  const left =
    hydrated < messages && etaMs !== undefined
      ? ` About ${timeOf(etaMs)} left, as Google’s quota allows.`
      : ''
  return html`<p class="quiet">${stateOf(account)}${left}</p>
    ${
      hydrated < messages
        ? html`<progress
            max="${messages}"
            value="${hydrated}"
            aria-label="Prepared messages of ${account.address}"
          ></progress>`
        : ''
    }`
}

function timeOf(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  if (minutes < 90) return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}

function clientsPart(
  clients: readonly ConnectedClient[] | undefined,
  sessions: Readonly<Record<string, number>>,
): Html {
  if (clients !== undefined && clients.length > 0)
    return html`<ul class="plain">
      ${clients.map(
        ({ door, program, address, passwordName, remoteAddress, secure, since, doing, mailbox }) =>
          html`<li>
            <strong>${program === '' ? door.toUpperCase() : `${program} (${door.toUpperCase()})`}</strong>
            <span class="quiet"
              >${address ?? 'not logged in'}${passwordName === undefined ? '' : ` with “${passwordName}”`},
              ${secure ? 'encrypted' : 'in clear'} from ${remoteAddress}, since
              <time datetime="${new Date(since).toISOString()}">${shortTime(since)}</time>:
              ${doing}${mailbox === undefined ? '' : ` in ${mailbox}`}</span
            >
          </li>`,
      )}
    </ul>`
  const counts = Object.entries(sessions).filter(([, count]) => count > 0)
  if (counts.length === 0) return html`<p class="quiet">No mail program is connected.</p>`
  return html`<p>${counts.map(([protocol, count]) => `${protocol.toUpperCase()}: ${count}`).join(', ')}</p>`
}

function shortTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

const chartHeight = 60

function usagePart(usage: readonly number[]): Html {
  const sum = usage.reduce((total, units) => total + units, 0)
  const most = Math.max(...usage, 1)
  const first = 60 - usage.length
  return html`<svg
      class="chart"
      viewBox="0 0 600 ${chartHeight}"
      role="img"
      aria-label="Quota units in each of the last 60 minutes"
      preserveAspectRatio="none"
    >
      ${usage.map((units, index) => {
        const height = Math.round((units / most) * chartHeight)
        return html`<rect
          x="${(first + index) * 10}"
          y="${chartHeight - height}"
          width="8"
          height="${height}"
        ></rect>`
      })}
    </svg>
    <p class="quiet">
      ${sum.toLocaleString('en')} units in the last hour, at most
      ${Math.max(...usage, 0).toLocaleString('en')} in a minute.
    </p>`
}

function cachePart({ diskBytes, hits, misses }: CacheState): Html {
  const asked = hits + misses
  const rate =
    asked === 0
      ? ''
      : ` ${Math.round((hits / asked) * 100)} % of ${asked.toLocaleString('en')} readings needed no download.`
  return html`<p>Messages take ${sizeOf(diskBytes)} on disk.${rate}</p>`
}

function sizeOf(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024
  return mebibytes < 1 ? `${Math.ceil(bytes / 1024)} KiB` : `${mebibytes.toFixed(1)} MiB`
}

function troublesPart(troubles: readonly Trouble[]): Html {
  if (troubles.length === 0) return html`<p class="quiet">None.</p>`
  return html`<ul class="plain">
    ${troubles.map(
      ({ at, text }) =>
        html`<li>
          <time class="quiet" datetime="${new Date(at).toISOString()}">${shortTime(at)}</time>
          ${text}
        </li>`,
    )}
  </ul>`
}
