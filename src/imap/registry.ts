import type { Command } from './command.ts'
import { append } from './commands/append.ts'
import { authenticate } from './commands/authenticate.ts'
import { cancelUpdate } from './commands/cancelupdate.ts'
import { capability } from './commands/capability.ts'
import { compress } from './commands/compress.ts'
import { copy } from './commands/copy.ts'
import { create } from './commands/create.ts'
import { deleteMailbox } from './commands/delete.ts'
import { enable } from './commands/enable.ts'
import { expunge } from './commands/expunge.ts'
import { fetch } from './commands/fetch.ts'
import { getQuota } from './commands/getquota.ts'
import { getQuotaRoot } from './commands/getquotaroot.ts'
import { id } from './commands/id.ts'
import { idle } from './commands/idle.ts'
import { list } from './commands/list.ts'
import { login } from './commands/login.ts'
import { logout } from './commands/logout.ts'
import { lsub } from './commands/lsub.ts'
import { move } from './commands/move.ts'
import { namespace } from './commands/namespace.ts'
import { check, noop } from './commands/noop.ts'
import { notify } from './commands/notify.ts'
import { rename } from './commands/rename.ts'
import { replace } from './commands/replace.ts'
import { search } from './commands/search.ts'
import { examine, select } from './commands/select.ts'
import { sort } from './commands/sort.ts'
import { starttls } from './commands/starttls.ts'
import { status } from './commands/status.ts'
import { store } from './commands/store.ts'
import { subscribe, unsubscribe } from './commands/subscribe.ts'
import { thread } from './commands/thread.ts'
import { unauthenticate } from './commands/unauthenticate.ts'
import { close, unselect } from './commands/unselect.ts'
import { xlist } from './commands/xlist.ts'

const all: readonly Command<unknown>[] = [
  capability,
  id,
  noop,
  logout,
  starttls,
  login,
  authenticate,
  unauthenticate,
  enable,
  compress,
  namespace,
  list,
  lsub,
  xlist,
  status,
  getQuota,
  getQuotaRoot,
  select,
  examine,
  unselect,
  close,
  check,
  fetch,
  search,
  sort,
  thread,
  cancelUpdate,
  idle,
  notify,
  store,
  copy,
  move,
  expunge,
  append,
  replace,
  create,
  deleteMailbox,
  rename,
  subscribe,
  unsubscribe,
]

/** Every command by its name in capitals. */
export const registry: ReadonlyMap<string, Command<unknown>> = new Map(all.map((one) => [one.name, one]))
