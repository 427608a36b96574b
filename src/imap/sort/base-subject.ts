/** A subject without what replying, forwarding and mailing lists put around it. */
export interface BaseSubject {
  readonly text: string
  /** Whether it was a reply or a forward: RFC 5256 section 3, REFERENCES, step 5. */
  readonly isReply: boolean
}

/**
 * The base subject of a decoded, unfolded Subject. RFC 5256 section 2.1, with the grammar of its section 5 (subj-leader,
 * subj-blob, subj-trailer, subj-fwd). Every character is looked at a constant number of times.
 */
export function baseSubject(subject: string): BaseSubject {
  // Step 1; encoded-words are decoded already.
  const text = subject.replaceAll(/[\t\r\n ]+/g, ' ')
  let start = 0
  let end = text.length
  let isReply = false
  for (;;) {
    // Step 2.
    for (;;) {
      if (end > start && text[end - 1] === ' ') end--
      else if (end - start >= 5 && matches(text, end - 5, '(fwd)')) {
        end -= 5
        isReply = true
      } else break
    }
    // Steps 3 to 5.
    const rest = withoutLeaders(text, start, end)
    start = rest.start
    isReply ||= rest.isReply
    // Step 6.
    if (end - start < 6 || !matches(text, start, '[fwd:') || text[end - 1] !== ']') break
    start += 5
    end--
    isReply = true
  }
  return { text: text.slice(start, end), isReply }
}

/**
 * Leaders and blobs go as long as there are any. When no `re:` follows a run of blobs, none follows a part of that run
 * either: so the run is passed over once, and its last blob stays where nothing else would be left.
 */
function withoutLeaders(text: string, from: number, end: number): { start: number; isReply: boolean } {
  let start = from
  let isReply = false
  for (;;) {
    while (start < end && text[start] === ' ') start++
    let at = start
    let last = start
    for (let next = afterBlob(text, at, end); next !== -1; next = afterBlob(text, at, end)) {
      last = at
      at = next
    }
    const after = afterReply(text, at, end)
    if (after === -1) return { start: at === end ? last : at, isReply }
    start = after
    isReply = true
  }
}

/** subj-blob = "[" *BLOBCHAR "]" *WSP, in which there is no other bracket. -1 when there is none at this place. */
function afterBlob(text: string, from: number, end: number): number {
  if (from >= end || text[from] !== '[') return -1
  let at = from + 1
  while (at < end && text[at] !== '[' && text[at] !== ']') at++
  if (at >= end || text[at] !== ']') return -1
  return afterSpace(text, at + 1, end)
}

/** subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" */
function afterReply(text: string, from: number, end: number): number {
  let at = from + 2
  if (at > end) return -1
  if (matches(text, from, 'fw')) {
    if (at < end && matches(text, at, 'd')) at++
  } else if (!matches(text, from, 're')) return -1
  at = afterSpace(text, at, end)
  const blob = afterBlob(text, at, end)
  if (blob !== -1) at = blob
  return at < end && text[at] === ':' ? at + 1 : -1
}

function afterSpace(text: string, from: number, end: number): number {
  let at = from
  while (at < end && text[at] === ' ') at++
  return at
}

/** Whether these letters stand at a place, in either case. `letters` are ASCII, in lower case. */
function matches(text: string, at: number, letters: string): boolean {
  return text.slice(at, at + letters.length).toLowerCase() === letters
}
