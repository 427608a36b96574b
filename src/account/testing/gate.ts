import type { TestContext } from 'node:test'
import { standBefore } from './before-gmail.ts'

/** Stands before the simulator and holds answers back that it has given already, while the world goes on. */
export interface Gate {
  readonly url: string
  /** Resolves with what is held, when an answer to such a request is there; it and those that follow wait for `open`. */
  hold(isHeld: (url: URL) => boolean): { readonly held: Promise<void>; open(): void }
}

export async function gateBefore(t: TestContext, target: string): Promise<Gate> {
  let current: { isHeld: (url: URL) => boolean; come: () => void; opened: Promise<void> } | undefined
  const url = await standBefore(t, target, {
    async tell({ url: asked, text }) {
      if (current?.isHeld(asked) === true) {
        const { come, opened } = current
        come()
        await opened
      }
      return text
    },
  })
  return {
    url,
    hold(isHeld) {
      const held = Promise.withResolvers<void>()
      const opened = Promise.withResolvers<void>()
      current = { isHeld, come: held.resolve, opened: opened.promise }
      return {
        held: held.promise,
        open() {
          current = undefined
          opened.resolve()
        },
      }
    },
  }
}
