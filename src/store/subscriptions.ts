/** What clients said of names that have no mailbox row: parents without a label, and names that do not exist. */
export interface SubscriptionStore {
  /** True for subscribed names, false for unsubscribed ones. */
  all(): Promise<ReadonlyMap<string, boolean>>
  /** Replaces all of them. */
  replace(names: ReadonlyMap<string, boolean>): Promise<void>
}
