import type { ClientPasswordRow } from './store.ts'

type Use = Pick<ClientPasswordRow, 'usedAt' | 'usedFrom'>
type Made = Omit<ClientPasswordRow, keyof Use>

/** What was decided when it was made. */
export function encodeClientPassword({ usedAt: _at, usedFrom: _from, ...made }: ClientPasswordRow): Buffer {
  return Buffer.from(JSON.stringify(made))
}

/** When and from where it was last used. */
export function encodeUse({ usedAt, usedFrom }: Use): Buffer {
  return Buffer.from(JSON.stringify({ usedAt, usedFrom }))
}

/** The opposite of both; `encodedUse` is undefined for one that was never used. */
export function decodeClientPassword(encoded: Buffer, encodedUse: Buffer | undefined): ClientPasswordRow {
  const made = JSON.parse(encoded.toString()) as Made
  const use = encodedUse === undefined ? {} : (JSON.parse(encodedUse.toString()) as Partial<Use>)
  return {
    name: made.name,
    hash: made.hash,
    doors: made.doors,
    readOnly: made.readOnly,
    mailboxes: made.mailboxes,
    ...(made.hiddenCapabilities === undefined ? {} : { hiddenCapabilities: made.hiddenCapabilities }),
    ...(made.noDelete === undefined ? {} : { noDelete: made.noDelete }),
    ...(made.sources === undefined ? {} : { sources: made.sources }),
    createdAt: made.createdAt,
    expiresAt: made.expiresAt,
    usedAt: use.usedAt,
    usedFrom: use.usedFrom,
  }
}
