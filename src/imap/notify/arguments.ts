import { readFetchItems, withUid, type FetchItem } from '../fetch/item.ts'
import { readMailboxName, withoutDelimiter } from '../mailbox-name.ts'
import type { Parser } from '../parser.ts'
import { nothing } from './request.ts'
import type { EventGroup, MailboxFilter, NotifyEvent, NotifyRequest } from './request.ts'

const known = new Map<string, NotifyEvent>(
  (['MessageNew', 'MessageExpunge', 'FlagChange', 'MailboxName', 'SubscriptionChange'] as const).map(
    (event) => [event.toUpperCase(), event],
  ),
)

/** As BADEVENT lists them. RFC 5465 section 3.1. */
export const supportedEvents: readonly NotifyEvent[] = [...known.values()]

const groupLimit = 100
const nameLimit = 1000

/** The arguments of NOTIFY. */
export type NotifyArgs =
  | { readonly kind: 'none' }
  /** An event is not known here. */
  | { readonly kind: 'unsupported' }
  | {
      readonly kind: 'set'
      /** Tell the counts of all these mailboxes now. */
      readonly status: boolean
      /** How names read depends on what is enabled. */
      request(utf8: boolean): NotifyRequest
    }

interface Events {
  readonly events: ReadonlySet<NotifyEvent>
  readonly items: readonly FetchItem[]
  readonly unsupported: boolean
}

interface Group extends Events {
  readonly word: string
  readonly names: readonly Buffer[]
}

/** notify = "NOTIFY" SP ("SET" [SP "STATUS"] SP event-groups / "NONE"). RFC 5465 section 8. Throws ProtocolError. */
export function readNotifyArguments(parser: Parser): NotifyArgs {
  parser.space()
  const word = parser.keyword('SET or NONE')
  if (word === 'NONE') {
    parser.end()
    return { kind: 'none' }
  }
  if (word !== 'SET') parser.fail('NOTIFY takes SET or NONE')
  parser.space()
  const status = parser.skip('STATUS ')
  const groups: Group[] = []
  let names = 0
  do {
    const group = readGroup(parser)
    groups.push(group)
    names += group.names.length
    if (groups.length > groupLimit || names > nameLimit) parser.fail('Too many groups or mailboxes')
  } while (parser.optionalSpace() && parser.rest > 0)
  parser.end()
  if (groups.filter(isSelected).length > 1) parser.fail('The selected mailbox can be named only once')
  if (groups.some(({ unsupported }) => unsupported)) return { kind: 'unsupported' }
  return { kind: 'set', status, request: (utf8) => requestOf(groups, utf8) }
}

/** event-group = "(" filter-mailboxes SP events ")" */
function readGroup(parser: Parser): Group {
  parser.expect('(')
  const word = parser.keyword('A mailbox filter')
  parser.space()
  let names: Buffer[] = []
  switch (word) {
    case 'SELECTED':
    case 'SELECTED-DELAYED':
    case 'INBOXES':
    case 'PERSONAL':
    case 'SUBSCRIBED':
      break
    case 'SUBTREE':
    case 'MAILBOXES':
      names = parser.at('(') ? parser.list(() => parser.mailboxName()) : [parser.mailboxName()]
      if (names.length === 0) parser.fail('A mailbox name is missing')
      parser.space()
      break
    default:
      parser.fail('This mailbox filter is not known')
  }
  const group = { word, names, ...readEvents(parser) }
  parser.expect(')')
  const { events, items } = group
  const selected = isSelected(group)
  if (selected && (events.has('MailboxName') || events.has('SubscriptionChange')))
    parser.fail('Only events of messages can be wanted of the selected mailbox')
  if (!selected && items.length > 0) parser.fail('Data items can be wanted of the selected mailbox only')
  return group
}

/** events = "(" event *(SP event) ")" / "NONE" */
function readEvents(parser: Parser): Events {
  const events = new Set<NotifyEvent>()
  let items: readonly FetchItem[] = []
  let unsupported = false
  if (parser.skip('NONE')) return { events, items, unsupported }
  parser.expect('(')
  for (;;) {
    const event = known.get(parser.keyword('An event'))
    let more = parser.optionalSpace()
    if (more && event === 'MessageNew' && parser.at('(')) {
      items = readFetchItems(parser)
      more = parser.optionalSpace()
    }
    if (event === undefined) unsupported = true
    else events.add(event)
    if (!more) break
  }
  parser.expect(')')
  // "MessageNew and MessageExpunge MUST always be specified together", FlagChange only with both. RFC 5465 section 5.
  if (!unsupported && events.has('MessageNew') !== events.has('MessageExpunge'))
    parser.fail('MessageNew and MessageExpunge go together')
  if (!unsupported && events.has('FlagChange') && !events.has('MessageNew'))
    parser.fail('FlagChange needs MessageNew and MessageExpunge')
  return { events, items, unsupported }
}

function isSelected({ word }: Pick<Group, 'word'>): boolean {
  return word === 'SELECTED' || word === 'SELECTED-DELAYED'
}

function requestOf(groups: readonly Group[], utf8: boolean): NotifyRequest {
  let { selected } = nothing
  const others: EventGroup[] = []
  for (const group of groups) {
    const { word, names, events, items } = group
    if (isSelected(group))
      selected = {
        delayed: word === 'SELECTED-DELAYED',
        messages: events.has('MessageNew'),
        flags: events.has('FlagChange'),
        items: items.length === 0 ? [] : withUid(items.map(peeking)),
      }
    else others.push({ filter: filterOf(word, names, utf8), events })
  }
  return { selected, groups: others }
}

/** All Gmail's labels are filled by its filters: "MUST treat 'inboxes' as equivalent to 'personal'". RFC 5465 section 6.3. */
function filterOf(word: string, names: readonly Buffer[], utf8: boolean): MailboxFilter {
  if (word === 'SUBSCRIBED') return { kind: 'subscribed' }
  if (word !== 'SUBTREE' && word !== 'MAILBOXES') return { kind: 'all' }
  return {
    kind: word === 'SUBTREE' ? 'subtree' : 'mailboxes',
    names: names.map((name) => withoutDelimiter(readMailboxName(name, utf8))),
  }
}

/** Who is told of a message has not read it yet. */
function peeking(item: FetchItem): FetchItem {
  return 'setsSeen' in item ? { ...item, setsSeen: false } : item
}
