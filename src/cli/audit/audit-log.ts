import { fstatSync, statSync } from 'node:fs'
import pino from 'pino'
import type { Door } from '#mail/doorman.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import { Complaint } from '../complaint.ts'

type AuditAction =
  | 'login'
  | 'login-refused'
  | 'flags'
  | 'labels'
  | 'append'
  | 'move'
  | 'copy'
  | 'expunge'
  | 'pop-delete'
  | 'mailbox-made'
  | 'mailbox-renamed'
  | 'mailbox-deleted'
  | 'subscription'
  | 'send'
  | 'password-added'
  | 'password-removed'
  | 'account-connected'
  | 'account-removed'
  | 'grant-lost'

/** Who did something, and on which way. */
export interface Actor {
  readonly account?: AccountId | undefined
  readonly address?: string | undefined
  /** Name of the client password, `oauth` for a Google token, `scanner` for a device. */
  readonly password?: string | undefined
  readonly from?: string | undefined
  readonly door?: Door | undefined
  readonly session?: string | undefined
  /** What is not done by a mail client. */
  readonly by?: 'web' | 'command line' | 'accounts file' | 'first login' | undefined
}

/** One line of the audit log: who changed what. Never a subject, a body, a recipient's address or a secret. */
export interface AuditEntry extends Actor {
  readonly action: AuditAction
  /** `ok`, or why not: a code of MailError, of a refusal. */
  readonly result: string
  readonly reason?: string | undefined
  readonly mailbox?: string | undefined
  /** Where messages went, or the new name of a mailbox. */
  readonly target?: string | undefined
  readonly messages?: number | undefined
  /** `+\Seen \Flagged`. */
  readonly change?: string | undefined
  readonly recipients?: number | undefined
  readonly gmailId?: string | undefined
  readonly access?: string | undefined
}

export interface AuditLog {
  /** Written when it returns. Never throws: what cannot be written is told in the ordinary log. */
  record(entry: AuditEntry): void
  /** The file was moved away: go on in a new one of the old name. */
  reopen(): void
  close(): void
}

const lookEveryMs = 1000
const complainEveryMs = 60_000

/**
 * The audit log: JSON lines on standard error or in a file of its own, which only the owner may read and which is opened
 * again when it was moved, so that logrotate needs no more. Undefined when it is off. Throws Complaint when the file cannot be opened.
 */
export function openAuditLog(
  target: string,
  { clock, log }: { clock: Clock; log: Log },
): AuditLog | undefined {
  if (target === 'off') return undefined
  const toFile = target !== 'stderr'
  const destination = openDestination(target)
  const writer = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // There are no levels here; on standard error this tells it from the log.
      formatters: { level: () => ({ stream: 'audit' }) },
    },
    destination,
  )
  let lookedAtMs = clock.monotonicMs()
  let complainedAtMs = -Infinity
  const complain = (err: unknown) => {
    if (clock.monotonicMs() - complainedAtMs < complainEveryMs) return
    complainedAtMs = clock.monotonicMs()
    log.error({ err }, 'the audit log cannot be written')
  }
  destination.on('error', complain)

  function reopen(): void {
    if (!toFile) return
    try {
      destination.reopen()
    } catch (error) {
      complain(error)
    }
  }

  return {
    record(entry) {
      const now = clock.monotonicMs()
      if (toFile && now - lookedAtMs >= lookEveryMs) {
        lookedAtMs = now
        if (wasMoved(target, destination)) reopen()
      }
      try {
        writer.info(entry)
      } catch (error) {
        complain(error)
      }
    },
    reopen,
    close() {
      if (toFile) destination.end()
    },
  }
}

type Destination = ReturnType<typeof pino.destination>

function openDestination(target: string): Destination {
  try {
    return target === 'stderr'
      ? pino.destination({ dest: 2, sync: true })
      : pino.destination({ dest: target, sync: true, append: true, mode: 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Complaint(
      `The audit log ${target} cannot be opened (${code ?? 'unknown error'}). Set POSTERN_AUDIT_LOG to a file that may be written, to stderr or to off`,
      { cause: error },
    )
  }
}

/** Whether another file, or none, has the name by now. */
function wasMoved(path: string, destination: Destination): boolean {
  const { fd } = destination as Destination & { readonly fd: number }
  try {
    const named = statSync(path, { bigint: true })
    const open = fstatSync(fd, { bigint: true })
    return named.ino !== open.ino || named.dev !== open.dev
  } catch {
    return true
  }
}
