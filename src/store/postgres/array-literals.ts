/** Lists as PostgreSQL reads them: one parameter for a thousand values. */

export function numbers(list: readonly number[]): string {
  return `{${list.join()}}`
}

export function booleans(list: readonly boolean[]): string {
  return `{${list.map((value) => (value ? 't' : 'f')).join()}}`
}

export function texts(list: readonly string[]): string {
  return `{${list.map((text) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join()}}`
}

/** `undefined` becomes NULL. */
export function octets(list: readonly (Uint8Array | undefined)[]): string {
  return `{${list.map((value) => (value === undefined ? 'NULL' : `"\\\\x${hex(value)}"`)).join()}}`
}

function hex(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
}
