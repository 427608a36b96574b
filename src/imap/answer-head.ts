/** The beginning of what is told about one message: its number first, or with UIDONLY its UID. RFC 9586 section 3.3. */
export function answerHead(uidOnly: boolean, index: number, uid: number): string {
  return uidOnly ? `* ${uid} UIDFETCH (` : `* ${index + 1} FETCH (`
}
