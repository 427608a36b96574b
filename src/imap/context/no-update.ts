/** The client hears no more of the search of this tag. RFC 5267 section 4.3.1. */
export function noUpdate(tag: string, text: string): string {
  return `* NO [NOUPDATE "${tag}"] ${text}\r\n`
}
