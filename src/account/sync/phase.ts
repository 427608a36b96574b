import type { SyncState } from '#store/store.ts'

export type Phase = SyncState['phase']

/** What can happen to a sync. SPEC.md tells each row. */
export type SyncEvent =
  /** History id, labels and an empty listing of each label are in the store. */
  | 'begun'
  /** Every listing is done and agrees with the store. */
  | 'listed'
  /** A whole history was read up to the present and applied. */
  | 'caught-up'
  /** A label appeared that has no listing yet. */
  | 'label-appeared'
  /** Gmail has forgotten the history since our id, or telling it would cost more than listing. */
  | 'history-lost'

/** Where an event leads; `never` is a pair that cannot be, and a bug of ours when it is. */
const transitions: Record<Phase, Record<SyncEvent, Phase | 'never'>> = {
  unsynced: {
    begun: 'listing',
    listed: 'never',
    'caught-up': 'never',
    'label-appeared': 'unsynced',
    'history-lost': 'unsynced',
  },
  listing: {
    begun: 'never',
    listed: 'catching-up',
    'caught-up': 'never',
    'label-appeared': 'listing',
    'history-lost': 'expired',
  },
  'catching-up': {
    begun: 'never',
    listed: 'never',
    'caught-up': 'live',
    'label-appeared': 'listing',
    'history-lost': 'expired',
  },
  live: {
    begun: 'never',
    listed: 'never',
    'caught-up': 'live',
    'label-appeared': 'listing',
    'history-lost': 'expired',
  },
  expired: {
    begun: 'listing',
    listed: 'never',
    'caught-up': 'never',
    'label-appeared': 'expired',
    'history-lost': 'expired',
  },
}

/** Throws Error for a pair that cannot be. */
export function nextPhase(phase: Phase, event: SyncEvent): Phase {
  const next = transitions[phase][event]
  if (next === 'never') throw new Error(`Cannot take '${event}' while ${phase}`)
  return next
}
