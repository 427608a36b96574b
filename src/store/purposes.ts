/** What each sealed value is bound to: a value moved to another row, account or column does not open. */
export const purposes = {
  lookupKey: (database: string) => `store lookup-key ${database}`,
  address: (account: number) => `store address ${account}`,
  secret: (account: number, name: string) => `store secret ${account} ${name}`,
  clientPassword: (account: number, lookup: Uint8Array) =>
    `store client-password ${account} ${Buffer.from(lookup).toString('hex')}`,
  clientPasswordUse: (account: number, lookup: Uint8Array) =>
    `store client-password-use ${account} ${Buffer.from(lookup).toString('hex')}`,
  labels: (account: number) => `store labels ${account}`,
  subscriptions: (account: number) => `store subscriptions ${account}`,
  keywords: (account: number) => `store keywords ${account}`,
  /** The 1 is the version of the encoding in content-codec.ts. */
  content: (account: number, key: number) => `store content 1 ${account} ${key}`,
  header: (account: number, key: number) => `store header ${account} ${key}`,
  sieve: (account: number, key: number) => `store sieve ${account} ${key}`,
  /** Sixteen of them; the 1 is the version of sqlite/sheaf-codec.ts and, of content, of content-codec.ts. */
  sheaf: (kind: string, account: number, sheaf: number) => `store sheaf-${kind} 1 ${account} ${sheaf}`,
}
