/** Gmail tells that something changed in a mailbox. Fact sheet section 2.11. */
export interface Notice {
  readonly address: string
  /** Where the mailbox's history was then; undefined when that cannot be read. */
  readonly historyId: bigint | undefined
}

/** What one pull brought. */
export interface Pulled {
  /** One for each mailbox, the youngest. */
  readonly notices: readonly Notice[]
  /** Of everything that came, whatever it was: what cannot be read now cannot be read later. */
  readonly ackIds: readonly string[]
}

/** Reads the answer of a pull. Anybody who may publish to the topic can have written it: what is no notice is left out. */
export function readPulled(answer: unknown): Pulled {
  const notices = new Map<string, Notice>()
  const ackIds: string[] = []
  for (const received of listIn(answer, 'receivedMessages')) {
    const ackId = textIn(received, 'ackId')
    if (ackId !== undefined) ackIds.push(ackId)
    const notice = readNotice(textIn(fieldOf(received, 'message'), 'data') ?? '')
    if (notice === undefined) continue
    const known = notices.get(notice.address)
    if (known === undefined || isYounger(notice, known)) notices.set(notice.address, notice)
  }
  return { notices: [...notices.values()], ackIds }
}

function readNotice(data: string): Notice | undefined {
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(data, 'base64').toString())
  } catch {
    return undefined
  }
  const address = textIn(content, 'emailAddress')
  return address === undefined
    ? undefined
    : { address, historyId: readHistoryId(fieldOf(content, 'historyId')) }
}

/** A number in practice, a string in the documentation. */
function readHistoryId(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined
}

/** Nothing is as young as what cannot be told. */
function isYounger(one: Notice, other: Notice): boolean {
  if (other.historyId === undefined) return false
  return one.historyId === undefined || one.historyId > other.historyId
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function textIn(value: unknown, name: string): string | undefined {
  const field = fieldOf(value, name)
  return typeof field === 'string' ? field : undefined
}

function listIn(value: unknown, name: string): unknown[] {
  const field = fieldOf(value, name)
  return Array.isArray(field) ? field : []
}
