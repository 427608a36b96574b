/** The octets that a FETCH answer gives for a label; undefined for NIL. Throws when there is no such label. */
export function fetchedValue(answer: string, label: string): Buffer | undefined {
  const at = answer.indexOf(`${label} `)
  if (at === -1) throw new Error(`Cannot find ${label} in the answer`)
  const rest = answer.slice(at + label.length + 1)
  if (rest.startsWith('NIL')) return undefined
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(rest)
  if (quoted !== null) return Buffer.from((quoted[1] ?? '').replaceAll(/\\(.)/g, '$1'), 'latin1')
  const literal = /^~?\{(\d+)\}\r\n/.exec(rest)
  if (literal === null) throw new Error(`Cannot read the value of ${label}`)
  const start = literal[0].length
  return Buffer.from(rest.slice(start, start + Number(literal[1])), 'latin1')
}
