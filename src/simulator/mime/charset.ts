/** Text in a charset known to the platform; latin1 for the others. */
export function decodeCharset(bytes: Buffer, charset: string): string {
  const label = charset.trim()
  try {
    return new TextDecoder(label === '' ? 'utf-8' : label).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}
