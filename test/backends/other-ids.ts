import type { Backend } from './backend.ts'

const modulus = 1n << 64n
const factor = 0x9e3779b97f4a7c15n
/** factor * inverse = 1 modulo 2^64. */
const inverse = inverseOf(factor)

/** Ids of messages as if drawn by lot, and labels that are no `Label_7`; everywhere, there and back. */
export const otherIds: Backend = {
  ask: ({ url, body, call }) => ({
    url: url
      .replace(
        /\/(messages|threads)\/([0-9a-f]{1,16})(?=[/?]|$)/,
        (_, kind, id) => `/${kind}/${times(id as string, inverse)}`,
      )
      .replaceAll(/team-([0-9a-z]+)-x/g, (_, n) => `Label_${n}`),
    body: call.startsWith('POST /upload')
      ? inUpload(body)
      : Buffer.from(back(body.toString('latin1')), 'latin1'),
  }),
  tell: (answer, { call }) =>
    call === 'POST /token'
      ? answer
      : { ...answer, body: Buffer.from(there(answer.body.toString('latin1')), 'latin1') },
}

function there(text: string): string {
  return text
    .replaceAll(
      /"(id|threadId)":\s*"([0-9a-f]{15,16})"/g,
      (_, key, id) => `"${key}":"${times(id as string, factor)}"`,
    )
    .replaceAll(/"Label_([0-9a-z]+)"/g, '"team-$1-x"')
}

function back(text: string): string {
  return text
    .replaceAll(/"([0-9a-f]{1,16})"/g, (_, id) => `"${times(id as string, inverse)}"`)
    .replaceAll(/"team-([0-9a-z]+)-x"/g, '"Label_$1"')
}

/** Only what stands before the message. */
function inUpload(body: Buffer): Buffer {
  const end = body.indexOf('message/rfc822')
  if (end < 0) return body
  const head = body.toString('latin1', 0, end).replaceAll(/"team-([0-9a-z]+)-x"/g, '"Label_$1"')
  return Buffer.concat([Buffer.from(head, 'latin1'), body.subarray(end)])
}

function times(id: string, by: bigint): string {
  return ((BigInt(`0x${id}`) * by) % modulus).toString(16)
}

/** By Newton's method: each step doubles the digits that are right. */
function inverseOf(odd: bigint): bigint {
  let x = odd
  for (let step = 0; step < 6; step++) x = (x * (2n - odd * x)) & (modulus - 1n)
  return x
}
