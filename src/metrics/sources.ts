/** How an account is, in figures. `number` is Postern's own, which says nothing of who it is. */
export interface AccountFigures {
  readonly number: number
  readonly phase: string
  /** What lets us in: `refresh-token`, `service-account`, `keyless`; `unknown` before it was read. */
  readonly class: string
  /** Somebody must do something about it. */
  readonly broken: boolean
  readonly messages: number
  readonly hydrated: number
  /** Until the rest is read, in milliseconds. */
  readonly etaMs: number
  /** Since the last answer that told the present; undefined before the first. */
  readonly syncAgeMs: number | undefined
  readonly budget: {
    readonly unitsPerMinute: number
    readonly availableUnits: number
    readonly waiting: Readonly<Record<string, number>>
    readonly inFlight: number
    readonly heldMs: number
  }
  readonly spending: readonly {
    readonly method: string
    readonly cause: string
    readonly calls: number
    readonly units: number
  }[]
}

interface CacheFigures {
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly entries: number
  readonly hits: number
  readonly misses: number
}

export interface DiskFigures {
  /** The index: SQLite's file and its journal, or PostgreSQL's tables. */
  readonly storeBytes: number
  /** Left on the disk of the data folder. */
  readonly freeBytes: number
}

/** How Gmail's own telling goes, through Pub/Sub. */
export interface PushFigures {
  /** By what became of them, all there were. */
  readonly notices: Readonly<Record<string, number>>
  /** Since the last one; undefined before the first. */
  readonly ageMs: number | undefined
  /** Pulls of the subscription that came to nothing. */
  readonly failures: number
  /** Accounts whose notices are known to arrive. */
  readonly told: number
}

/** Where the figures come from that are asked for when somebody looks. */
export interface Sources {
  accounts(): readonly AccountFigures[]
  cache(): CacheFigures
  /** Undefined where Gmail does not tell. */
  push(): PushFigures | undefined
  disk(): Promise<DiskFigures>
  /** Whether the store takes changes. */
  storeWritable(): Promise<boolean>
  /** Clients that are connected, by protocol. */
  sessions(): Readonly<Record<string, number>>
}
