/** How long those inside may go on once a door closes, and when their lines are cut. */
export interface Patience {
  readonly finishMs: number
  readonly cutMs: number
}

/** The two together leave the rest of the house some seconds of the ten that an operator waits. */
export const patience: Patience = { finishMs: 5_000, cutMs: 7_000 }

/**
 * Waits until nobody is left: after a while whoever still works is told to stop, after another the lines are cut. Resolves
 * when `gone` does.
 */
export async function seeOff(
  { finishMs, cutMs }: Patience,
  steps: { stop(): void; cut(): void; gone: Promise<unknown> },
): Promise<void> {
  const stop = setTimeout(() => steps.stop(), finishMs)
  const cut = setTimeout(() => steps.cut(), cutMs)
  try {
    await steps.gone
  } finally {
    clearTimeout(stop)
    clearTimeout(cut)
  }
}
