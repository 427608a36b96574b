/** A reply that says no. RFC 5321 section 4.2, RFC 3463. */
export interface Reply {
  readonly code: number
  /** `5.7.1`; its first digit is the code's. */
  readonly enhanced: string
  /** Printable ASCII, ours but for addresses of the client's own message. */
  readonly text: string
}

/** The message or command cannot be accepted as it is. */
export class SubmissionRefusal extends Error implements Reply {
  override readonly name = 'SubmissionRefusal'
  readonly code: number
  readonly enhanced: string
  readonly text: string

  constructor(code: number, enhanced: string, text: string) {
    super(text)
    this.code = code
    this.enhanced = enhanced
    this.text = text
  }
}

const listed = 5
const longestListed = 64

/** Some addresses for a reply line, which has 512 octets (RFC 5321 section 4.5.3.1.5) and is ASCII. */
export function listAddresses(addresses: readonly string[]): string {
  const shown = addresses.slice(0, listed).map(printable).join(', ')
  const more = addresses.length - listed
  return more > 0 ? `${shown} and ${more} more` : shown
}

function printable(address: string): string {
  const ascii = address.replaceAll(/[^\x21-\x7e]/g, '?')
  return ascii.length > longestListed ? `${ascii.slice(0, longestListed)}...` : ascii
}
