import { createBearerCheck } from '#auth/bearer-check.ts'
import { ChosenPasswords } from '#auth/chosen-passwords.ts'
import { createDoorman } from '#auth/doorman.ts'
import type { Endpoints } from '#auth/endpoints.ts'
import { createGuests } from '#auth/guests.ts'
import type { Guests } from '#auth/guests.ts'
import { isSameMailbox } from '#auth/same-mailbox.ts'
import type { TokenManager } from '#auth/token-manager.ts'
import type { Doorman } from '#mail/doorman.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Counters } from '#metrics/counters.ts'
import type { Store } from '#store/store.ts'
import type { AccountBook } from './account-book.ts'
import type { AuditLog } from './audit/audit-log.ts'
import { witnessedDoors } from './audit/witnessed-doors.ts'
import type { WitnessedDoors } from './audit/witnessed-doors.ts'
import { countedDoorman } from './counted.ts'
import { createGuestHouse } from './guest-house.ts'
import type { GuestHouse } from './guest-house.ts'

/** Who may come in, and to what. */
export interface Entrances {
  readonly doorman: Doorman
  /** The passwords of the accounts file. */
  readonly chosen: ChosenPasswords
  readonly guests: Guests
  readonly guestHouse: GuestHouse
  /** What mail clients do passes through these; undefined when the audit log is off. */
  readonly witnessed: WitnessedDoors | undefined
}

export function createEntrances(options: {
  store: Store
  tokens: TokenManager
  accounts: AccountBook
  endpoints: Endpoints
  clientId: () => string | undefined
  audit: AuditLog | undefined
  clock: Clock
  log: Log
  count: Counters
  reconnectHint: () => string
  /** A client password is good no more. */
  onRevoked: ((address: string, name: string) => void) | undefined
}): Entrances {
  const { store, tokens, accounts, endpoints, clientId, audit, clock, log, count } = options
  const { reconnectHint, onRevoked } = options
  const by = 'accounts file'
  const chosen = new ChosenPasswords((id, name) => {
    const account = accounts.reports().find((one) => one.id === id)
    if (account === undefined) return
    const { address } = account
    audit?.record({ action: 'password-removed', account: id, address, password: name, by, result: 'ok' })
    onRevoked?.(address, name)
  })
  const guests = createGuests({
    store,
    tokens,
    endpoints,
    clock,
    log,
    onMade: ({ id: account, address }) =>
      audit?.record({ action: 'account-connected', account, address, by: 'first login', result: 'ok' }),
    onGone(domain, name) {
      const everybody = `*@${domain}`
      audit?.record({ action: 'password-removed', address: everybody, password: name, by, result: 'ok' })
      for (const { address } of accounts.reports())
        if (address.toLowerCase().endsWith(`@${domain}`)) onRevoked?.(address, name)
    },
  })
  const guestHouse = createGuestHouse({ accounts, guests, store, clock, log })
  const plain = createDoorman({
    store,
    mailstoreOf: (id) => guestHouse.enter(id),
    guests,
    scopesOf: (id) => tokens.scopesOf(id),
    reconnectHint,
    chosen,
    bearers: createBearerCheck({ endpoints, clientId, clock }),
    clock,
    log,
  })
  const counted = countedDoorman(plain, {
    count,
    log,
    accountOf: (user) => accounts.reports().find(({ address }) => isSameMailbox(address, user))?.id,
  })
  const witnessed =
    audit === undefined ? undefined : witnessedDoors(audit, (user) => accounts.find(user)?.address)
  return { doorman: witnessed?.doorman(counted) ?? counted, chosen, guests, guestHouse, witnessed }
}
