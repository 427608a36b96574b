import { createHash } from 'node:crypto'
import type { SeededRandom } from '../surroundings.ts'

/** As real attachment ids begin. */
const prefix = 'ANGjdJ'
const nonceBytes = 12

/**
 * An id for a part that is another one every time (fact sheet section 2.4) and stays good: the part's own id, mixed
 * with something random that stands before it.
 */
export function writeAttachmentId(random: SeededRandom, partId: string): string {
  const nonce = Buffer.from(random.bytes(nonceBytes))
  const text = Buffer.from(`/${partId}`, 'latin1')
  return prefix + Buffer.concat([nonce, mix(nonce, text)]).toString('base64url')
}

/** The part's id; undefined for what is no attachment id. */
export function readAttachmentId(id: string): string | undefined {
  if (!id.startsWith(prefix) || id.length > 400) return undefined
  const octets = Buffer.from(id.slice(prefix.length), 'base64url')
  if (octets.length <= nonceBytes) return undefined
  const text = mix(octets.subarray(0, nonceBytes), octets.subarray(nonceBytes)).toString('latin1')
  return /^\/[\d.]*$/.test(text) ? text.slice(1) : undefined
}

function mix(nonce: Buffer, octets: Buffer): Buffer {
  const pad = createHash('sha256').update(nonce).digest()
  const mixed = Buffer.from(octets)
  for (let at = 0; at < mixed.length; at += 1) mixed[at] = (mixed[at] ?? 0) ^ (pad[at % pad.length] ?? 0)
  return mixed
}
