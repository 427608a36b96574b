/** Messages of one sheaf: those whose `m` differs in the last four bits only. */
export const sheafSize = 16

/** A value for each place that has one, by place: 0 to 15. */
export type Sheaf = readonly (Buffer | undefined)[]

/** Two octets that say which places have a value, four for the length of each, then the values. */
export function encodeSheaf(values: Sheaf): Buffer {
  const there = values.filter((value) => value !== undefined)
  const head = Buffer.alloc(2 + 4 * there.length)
  head.writeUInt16LE(placesOf(values))
  for (const [index, value] of there.entries()) head.writeUInt32LE(value.length, 2 + 4 * index)
  return Buffer.concat([head, ...there])
}

/** The opposite of `encodeSheaf`; the values share its memory. */
export function decodeSheaf(encoded: Buffer): Sheaf {
  const places = encoded.readUInt16LE(0)
  const values: (Buffer | undefined)[] = []
  let head = 2
  let at = 2
  for (let place = 0; place < sheafSize; place++) if ((places & (1 << place)) !== 0) at += 4
  for (let place = 0; place < sheafSize; place++) {
    if ((places & (1 << place)) === 0) {
      values.push(undefined)
      continue
    }
    const length = encoded.readUInt32LE(head)
    values.push(encoded.subarray(at, at + length))
    head += 4
    at += length
  }
  return values
}

/** A bit for each place that has a value. */
export function placesOf(values: Sheaf): number {
  let places = 0
  for (const [place, value] of values.entries()) if (value !== undefined) places |= 1 << place
  return places
}
