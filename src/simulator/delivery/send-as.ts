import type { Account } from '../accounts.ts'

/** An address that an account may put into From. */
export interface SendAsAddress {
  address: string
  name: string
  primary: boolean
  /** Only a verified alias is really used; From is replaced for the others (fact sheet section 2.6). */
  verified: boolean
}

const aliasLimit = 100

/** The primary address first. */
export function sendAsAddresses(account: Account): SendAsAddress[] {
  return [
    { address: account.address, name: account.name, primary: true, verified: true },
    ...aliases(account),
  ]
}

/** Replaces an alias of the same address. */
export function saveAlias(account: Account, address: string, name: string, verified: boolean): void {
  const others = aliases(account).filter((alias) => alias.address.toLowerCase() !== address.toLowerCase())
  if (others.length >= aliasLimit) throw new RangeError(`There are ${aliasLimit} aliases already`)
  others.push({ address, name, primary: false, verified })
  account.mailbox.db.saveSetting('sendAs', JSON.stringify(others))
}

function aliases(account: Account): SendAsAddress[] {
  return JSON.parse(account.mailbox.db.setting('sendAs') ?? '[]') as SendAsAddress[]
}
