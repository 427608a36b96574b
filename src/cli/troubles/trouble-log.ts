import type { Log } from '#mail/surroundings.ts'
import { troubleOf } from './sentences.ts'
import type { TroubleBook } from './trouble-book.ts'

/** The log, with what goes wrong noted for the overview. `account` is the number of the account that it speaks of. */
export function troubleLog(log: Log, book: TroubleBook, account?: number): Log {
  const noting = (level: 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    const said = troubleOf(level, fields, message)
    if (said !== undefined) book.note(accountIn(fields) ?? account, said)
    log[level](fields, message)
  }
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: noting('info'),
    warn: noting('warn'),
    error: noting('error'),
    child: (bindings) => troubleLog(log.child(bindings), book, accountIn(bindings) ?? account),
  }
}

function accountIn(fields: object): number | undefined {
  const { account } = fields as { account?: unknown }
  return typeof account === 'number' ? account : undefined
}
