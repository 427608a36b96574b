import { z } from 'zod'
import type { AccountId } from '#mail/ids.ts'
import type { Store } from '#store/store.ts'

const scopes = z.array(z.string().max(500)).max(100)

const grantShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('refresh-token'),
    refreshToken: z.string().min(1),
    /** As Google last told them; empty while it has not. */
    scopes,
    /** The OAuth client it was given to; another cannot use it. */
    clientId: z.string().min(1),
    clientSecret: z.string().optional(),
  }),
  z.object({
    kind: z.literal('service-account'),
    /** Read again for each token, so that a new key is taken without a restart. */
    keyFile: z.string().min(1),
    /** The person it speaks for. */
    subject: z.string().min(1),
    scopes,
  }),
  z.object({
    kind: z.literal('keyless'),
    /** The service account, which signs at Google: see delegation.ts. */
    principal: z.string().min(1),
    subject: z.string().min(1),
    scopes,
  }),
])

/** What lets Postern get access tokens for one mailbox. Never leaves the store unsealed, and never reaches a log. */
export type Grant = z.infer<typeof grantShape>

/** A person's consent, or an administrator's delegation with a key file or without. */
export type GrantKind = Grant['kind']

const secretName = 'grant'

/** Undefined when the account was never connected. Throws StoreError, and Error for what is not a grant. */
export async function loadGrant(
  store: Pick<Store, 'secret'>,
  account: AccountId,
): Promise<Grant | undefined> {
  const plain = await store.secret(account, secretName)
  if (plain === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(plain.toString('utf8'))
  } catch {
    value = undefined
  }
  const read = grantShape.safeParse(value)
  // Neither the value nor zod's words about it: both could hold the token.
  if (!read.success) throw new Error('Cannot read the stored grant: it is not what this Postern writes')
  return read.data
}

export function saveGrant(store: Pick<Store, 'setSecret'>, account: AccountId, grant: Grant): Promise<void> {
  return store.setSecret(account, secretName, Buffer.from(JSON.stringify(grant)))
}
