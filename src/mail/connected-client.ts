import type { Door } from './doorman.ts'

/** A mail program that is connected now, as people see it. Everything it says of itself is cut short and printable. */
export interface ConnectedClient {
  /** Of its session, as in the log. */
  readonly id: string
  readonly door: Door
  /** Whether TLS protects it. */
  readonly secure: boolean
  /** The account's own address; undefined before login. */
  readonly address: string | undefined
  /** Of the client password that it logged in with. */
  readonly passwordName: string | undefined
  /** Where it connects from. */
  readonly remoteAddress: string
  /** What it says it is (ID of IMAP, EHLO of SMTP); empty when it says nothing. */
  readonly program: string
  /** Epoch milliseconds. */
  readonly since: number
  /** The name of the command that runs, `IDLE` among them; else `waiting`. */
  readonly doing: string
  /** The command before, or the one that runs; undefined when there was none. */
  readonly lastCommand: string | undefined
  /** The mailbox that is open (IMAP). */
  readonly mailbox: string | undefined
  /** Octets, inside TLS. */
  readonly bytesIn: number
  readonly bytesOut: number
}
