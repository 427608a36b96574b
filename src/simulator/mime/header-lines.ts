import { endOfHeader } from './headers.ts'

/** A header field as octets, folded as it was, with its line ends. `name` is in lower case, '' for what is no field. */
export interface HeaderLines {
  name: string
  octets: Buffer
}

const [cr, lf, space, tab] = [13, 10, 32, 9]

/** A message taken apart so that fields can be exchanged and everything else stays octet for octet. */
export function splitHeader(raw: Buffer): { fields: HeaderLines[]; body: Buffer } {
  const bodyStart = endOfHeader(raw, 0, raw.length)
  const fields: HeaderLines[] = []
  let start = 0
  while (start < bodyStart) {
    let end = start
    do {
      const newline = raw.indexOf(lf, end)
      end = newline < 0 || newline >= bodyStart ? bodyStart : newline + 1
    } while (end < bodyStart && (raw[end] === space || raw[end] === tab))
    const octets = raw.subarray(start, end)
    start = end
    if (octets.length <= 2 && octets.every((octet) => octet === cr || octet === lf)) break
    const colon = octets.indexOf(58)
    const name = colon > 0 ? octets.toString('latin1', 0, colon).trimEnd().toLowerCase() : ''
    fields.push({
      name,
      octets: octets.at(-1) === lf ? octets : Buffer.concat([octets, Buffer.from('\r\n')]),
    })
  }
  return { fields, body: raw.subarray(bodyStart) }
}

export function joinHeader(fields: readonly HeaderLines[], body: Buffer): Buffer {
  return Buffer.concat([...fields.map((field) => field.octets), Buffer.from('\r\n'), body])
}

export function headerLine(name: string, value: string): HeaderLines {
  return { name: name.toLowerCase(), octets: Buffer.from(`${name}: ${value}\r\n`) }
}

/** Bare LF becomes CRLF; the same buffer when there is none. */
export function withCrlf(raw: Buffer): Buffer {
  const pieces: Buffer[] = []
  let kept = 0
  for (let at = raw.indexOf(lf); at >= 0; at = raw.indexOf(lf, at + 1)) {
    if (at > 0 && raw[at - 1] === cr) continue
    pieces.push(raw.subarray(kept, at), Buffer.from('\r\n'))
    kept = at + 1
  }
  return kept === 0 ? raw : Buffer.concat([...pieces, raw.subarray(kept)])
}
