import type { Clock } from '#mail/surroundings.ts'
import { StoreError } from '../store.ts'
import type { Session } from './session.ts'

/** `PSTN` and the number of the lock, in the space of advisory locks, which each database has of its own. */
const lockKey = [0x5053_544e, 1] as const
/** How long the opening waits for a process that is about to end. */
const waitMs = 3000
const everyMs = 100

/** A session at the server. */
export interface Holder {
  readonly pid: number
  readonly startedAt: string
}

/**
 * Takes the database for this session: an advisory lock, which ends with the connection that writes, so that no kill leaves
 * it behind and nobody writes who does not hold it. Our own last session, which the server may believe alive, is ended.
 * Throws StoreError `locked`.
 */
export async function takeLock(session: Session, clock: Clock, last: Holder | undefined): Promise<Holder> {
  for (const until = clock.monotonicMs() + waitMs; ; await clock.sleep(everyMs)) {
    const { rows } = await session.write<[boolean, number, string]>(
      `select pg_try_advisory_lock($1, $2), pid, backend_start::text from pg_stat_activity where pid = pg_backend_pid()`,
      lockKey,
    )
    const [taken, pid, startedAt] = rows[0] ?? [false, 0, '']
    if (taken) return { pid, startedAt }
    if (last !== undefined)
      await session.write(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2',
        [last.pid, last.startedAt],
      )
    if (clock.monotonicMs() >= until) throw await refusal(session)
  }
}

/** The error for somebody who found the database locked, with its holder as far as it may be seen. */
async function refusal(session: Session): Promise<StoreError> {
  const { rows } = await session.write<[string | null, string | null]>(
    `select a.application_name, to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
     from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.classid = $1 and l.objid = $2 and l.objsubid = 2
       and l.database = (select oid from pg_database where datname = current_database())`,
    lockKey,
  )
  const [name, since] = rows[0] ?? [null, null]
  const [, host, pid] = /^postern ([\w.-]{1,60}) (\d{1,10})$/.exec(name ?? '') ?? []
  const who = pid === undefined ? '' : ` (pid ${pid} on ${host}, since ${since ?? 'an unknown time'})`
  return new StoreError(
    'locked',
    `The database is in use by another Postern${who}. Stop that one first, or name another database.`,
  )
}
