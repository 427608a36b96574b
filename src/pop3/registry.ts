import type { Command } from './command.ts'
import { auth } from './commands/auth.ts'
import { capa } from './commands/capa.ts'
import { dele } from './commands/dele.ts'
import { lang } from './commands/lang.ts'
import { list, uidl } from './commands/list.ts'
import { noop } from './commands/noop.ts'
import { pass } from './commands/pass.ts'
import { quit } from './commands/quit.ts'
import { retr } from './commands/retr.ts'
import { rset } from './commands/rset.ts'
import { stat } from './commands/stat.ts'
import { stls } from './commands/stls.ts'
import { top } from './commands/top.ts'
import { user } from './commands/user.ts'
import { utf8 } from './commands/utf8.ts'

const all: readonly Command<unknown>[] = [
  capa,
  user,
  pass,
  auth,
  stls,
  utf8,
  lang,
  noop,
  stat,
  list,
  uidl,
  retr,
  top,
  dele,
  rset,
  quit,
]

/** Every command by its name in capitals. */
export const registry: ReadonlyMap<string, Command<unknown>> = new Map(all.map((one) => [one.name, one]))
