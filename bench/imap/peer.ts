import { ImapLine } from '../imap-line.ts'
import type { Door } from '#test/postern.ts'

/** A server that is measured: ours, or Dovecot. */
export interface Peer {
  readonly name: 'Postern' | 'Dovecot'
  readonly imap: Door
  readonly imaps: Door | undefined
  readonly account: { readonly user: string; readonly password: string }
  /** Of its main process. */
  readonly pid: number
  /** Milliseconds that requests of its own to another server have taken so far, without polls; 0 for who makes none. */
  awayMs(): Promise<number>
  /** Resolves when it has nothing to do that nobody waits for: what was changed before is read again from Gmail's history. */
  calm(): Promise<void>
}

/** A connection that has logged in. */
export async function open(peer: Peer, secure = false): Promise<ImapLine> {
  if (secure && peer.imaps === undefined) throw new Error(`${peer.name} has no TLS port`)
  const line = await ImapLine.connect(secure && peer.imaps !== undefined ? peer.imaps : peer.imap, secure)
  await line.login(peer.account)
  return line
}

/** A connection that has selected INBOX. */
export async function selected(peer: Peer, secure = false): Promise<ImapLine> {
  const line = await open(peer, secure)
  await line.ok('SELECT INBOX')
  return line
}

/** Does the work on a connection of its own in INBOX and closes it. */
export async function withLine<T>(
  peer: Peer,
  work: (line: ImapLine) => Promise<T>,
  secure = false,
): Promise<T> {
  const line = await selected(peer, secure)
  try {
    return await work(line)
  } finally {
    line.close()
  }
}
