/** What lies sealed in a file, about in one piece. */
export interface SealedRun {
  /** Of a file that stays open until the answer is there. */
  readonly fd: number
  readonly offset: number
  readonly length: number
  /** Where in the run each value is, and its purpose; see `Seal`. */
  readonly ats: readonly number[]
  readonly lengths: readonly number[]
  readonly purposes: readonly string[]
}

export interface OpenedRun {
  /** Each plain value begins where the sealed one began in the run. What is between is worth nothing. */
  readonly memory: ArrayBuffer
  /** Of the plain values; -1 for one that is damaged or cut: of it nothing may be looked at. */
  readonly lengths: readonly number[]
}

/** Reads from disk and opens what is sealed beside the event loop. */
export interface SideOpener {
  /**
   * Undefined while it cannot: then whoever asks does it himself. Else takes the memory, which must be as long as the run;
   * resolves with undefined, and the memory is gone, when there was trouble. Answers come in the order of the questions.
   */
  open(run: SealedRun, memory: ArrayBuffer): Promise<OpenedRun | undefined> | undefined
}
