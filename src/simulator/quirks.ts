/** Gmail's oddities that are not always there (fact sheet section 7), as switches. All are off to begin with. */
export interface Quirks {
  /** Quirk 1: these message ids are listed and in the history, but every other method answers 404. */
  ghosts: string[]
  /** Quirk 2: the first page of history.list has a nextPageToken and no history. */
  emptyHistoryPages: boolean
  /** Section 2.2: the first page of messages.list has a nextPageToken and no messages. */
  emptyListPages: boolean
  /** Quirk 3: history older than this is forgotten; 0 keeps it. */
  historyRetentionMs: number
  /** Quirk 7: neighbours on a page of messages.list may have changed places. */
  looseOrder: boolean
  /** Quirk 9: every n-th inner call of a batch gets 429; 0 for none. */
  batchFailEvery: number
  /** Quirk 10: messages carry these label ids, labels.list and labels.get do not know them. */
  unlistedLabels: string[]
  /** Quirk 13: a message is not found by q until it is this old. */
  searchLagMs: number
  /** Quirk 14: a message is listed, in the history and pushed, but a get answers 404 until it is this old. */
  readableLagMs: number
  /** Section 2.11: the push notification carries historyId as a string, as the guide says, not as the number seen. */
  pushHistoryIdAsString: boolean
  /** Quirk 19: body.data of text in another charset comes as UTF-8 while size is that of the original. */
  transcodedBodies: boolean
  /** Section 2.10: messages in the history have only id and threadId. */
  historyWithoutLabels: boolean
  /** Section 2.3: base64url without padding. */
  unpadded: boolean
  /** Not established: batchModify answers with an empty 200 instead of 204. */
  batchModifyEmpty200: boolean
}

export function noQuirks(): Quirks {
  return {
    ghosts: [],
    emptyHistoryPages: false,
    emptyListPages: false,
    historyRetentionMs: 0,
    looseOrder: false,
    batchFailEvery: 0,
    unlistedLabels: [],
    searchLagMs: 0,
    readableLagMs: 0,
    pushHistoryIdAsString: false,
    transcodedBodies: false,
    historyWithoutLabels: false,
    unpadded: false,
    batchModifyEmpty200: false,
  }
}

/** Takes over what `change` names; throws TypeError for a name or a kind of value that no quirk has. */
export function setQuirks(quirks: Quirks, change: Record<string, unknown>): void {
  const known = new Map(Object.entries(quirks))
  for (const [name, value] of Object.entries(change)) {
    const present = known.get(name)
    if (present === undefined)
      throw new TypeError(`There is no quirk '${name}': ${[...known.keys()].join(', ')}`)
    const fits = Array.isArray(present)
      ? Array.isArray(value) && value.every((item) => typeof item === 'string')
      : typeof value === typeof present
    if (!fits) throw new TypeError(`Quirk '${name}' cannot be ${JSON.stringify(value)}`)
  }
  Object.assign(quirks, change)
}
