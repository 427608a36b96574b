import { createHash } from 'node:crypto'

/** A message of about `sizeBytes` that is told from all others and does not compress away. */
export function messageOf(number: number, sizeBytes = 4096): Buffer {
  const noise: string[] = [`Subject: ${number}\r\n\r\n`]
  for (let i = 0; i * 66 < sizeBytes; i++)
    noise.push(createHash('sha256').update(`${number} ${i}`).digest('hex'), '\r\n')
  return Buffer.from(noise.join(''))
}
