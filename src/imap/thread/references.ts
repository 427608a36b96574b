import { inOrder } from '../sort/in-order.ts'
import type { Turn } from '#wire/turn.ts'
import { Forest } from './forest.ts'
import type { IdBook, Letter } from './letters.ts'
import type { Threads } from './threads.ts'

/** Letters looked at between two glances at the clock. */
const glance = 256

/** How the algorithms of one family differ. */
export interface ReferencesRules {
  /** Threads of one base subject are put together: step 5. */
  readonly gathersSubjects: boolean
  /** Threads are in order of their first message, or of their newest. */
  readonly threadsBy: 'first' | 'newest'
}

/** RFC 5256 section 3, REFERENCES. */
export const referencesRules: ReferencesRules = { gathersSubjects: true, threadsBy: 'first' }
/** draft-ietf-morg-inthread-01 section 3.1, as Dovecot has it: no guesses by subject; the thread that moved last comes last. */
export const refsRules: ReferencesRules = { gathersSubjects: false, threadsBy: 'newest' }

/** Threads by what messages refer to. The numbers of the steps are those of RFC 5256 section 3. */
export async function byReferences(
  letters: readonly Letter[],
  ids: IdBook,
  rules: ReferencesRules,
  turn: Turn,
  signal: AbortSignal,
): Promise<Threads> {
  const breathe = () => (turn.over ? turn.next(signal) : undefined)
  const parents = await linkAll(letters, ids, breathe)
  const sort = (nodes: number[], compare: (a: number, b: number) => number) =>
    inOrder(Uint32Array.from(nodes), compare, turn, signal)
  const family = new Family(letters, rules, { sort, breathe })
  await family.adopt(parents)
  if (rules.gathersSubjects) await family.gatherSubjects()
  return family.inOrder()
}

/** Step 1: who is whose child. Letters are nodes 0 to n - 1, ids without a letter the dummies that follow. */
async function linkAll(
  letters: readonly Letter[],
  ids: IdBook,
  breathe: () => Promise<void> | undefined,
): Promise<Int32Array> {
  // The first message of an id has it; others count as if they had one of their own.
  const nodeOf = new Int32Array(ids.size).fill(-1)
  for (const [i, { id }] of letters.entries()) if (id !== -1 && nodeOf[id] === -1) nodeOf[id] = i
  let count = letters.length
  for (let id = 0; id < nodeOf.length; id++) if (nodeOf[id] === -1) nodeOf[id] = count++
  const forest = new Forest(count)
  for (const [i, { references }] of letters.entries()) {
    let last = -1
    for (const reference of references) {
      const node = nodeOf[reference] as number
      // 1 A: "if the child already has a parent … do not change the existing links".
      if (last !== -1 && forest.parent[node] === -1) forest.link(node, last)
      last = node
    }
    // 1 B: what the message itself says of its parent counts more.
    if (forest.parent[i] !== last) {
      forest.cut(i)
      if (last !== -1) forest.link(i, last)
    }
    if (i % glance === 0) await breathe()
  }
  return forest.parent
}

/** How long computations leave the event loop to others. */
interface Patience {
  /** Gives a new, sorted array. */
  sort(nodes: number[], compare: (a: number, b: number) => number): Promise<Uint32Array>
  breathe(): Promise<void> | undefined
}

/** Letters and dummies, with children where they have any. */
class Family {
  readonly #letters: readonly Letter[]
  readonly #rules: ReferencesRules
  readonly #patience: Patience
  readonly #children = new Map<number, number[]>()
  #roots: number[] = []
  #nextDummy: number

  constructor(letters: readonly Letter[], rules: ReferencesRules, patience: Patience) {
    this.#letters = letters
    this.#rules = rules
    this.#patience = patience
    this.#nextDummy = letters.length
  }

  /**
   * Steps 2 and 3: a dummy in between gives its children to whoever is above it; one at the root stays where it holds
   * several together.
   */
  async adopt(parents: Int32Array): Promise<void> {
    const count = this.#letters.length
    this.#nextDummy = Math.max(parents.length, count)
    // Of each dummy: the letter above it or, where there is none, the dummy at the root.
    const above = new Int32Array(parents.length).fill(-1)
    for (let i = 0; i < count; i++) {
      const parent = resolve(i)
      if (parent === -1) this.#roots.push(i)
      else {
        if (parent >= count && !this.#children.has(parent)) this.#roots.push(parent)
        this.#add(parent, i)
      }
      if (i % glance === 0) await this.#patience.breathe()
    }
    this.#roots = this.#roots.map((root) => {
      const below = this.#children.get(root)
      if (root < count || below?.length !== 1) return root
      this.#children.delete(root)
      return below[0] as number
    })

    function resolve(letter: number): number {
      const passed: number[] = []
      let at = parents[letter] as number
      while (at >= count && above[at] === -1 && parents[at] !== -1) {
        passed.push(at)
        at = parents[at] as number
      }
      if (at >= count && above[at] !== -1) at = above[at] as number
      for (const dummy of passed) above[dummy] = at
      return at
    }
  }

  /** Steps 4 and 5. */
  async gatherSubjects(): Promise<void> {
    await this.#sortRoots()
    const table = new Map<string, number>()
    for (const root of this.#roots) {
      const { subject, isReply } = this.#face(root)
      if (subject === '') continue
      const held = table.get(subject)
      const better =
        held === undefined ||
        (!this.#isDummy(held) && (this.#isDummy(root) || (this.#face(held).isReply && !isReply)))
      if (better) table.set(subject, root)
    }
    await this.#patience.breathe()
    const kept = new Set(this.#roots)
    for (const root of this.#roots) {
      const { subject, isReply } = this.#face(root)
      const held = table.get(subject)
      if (held === undefined || held === root) continue
      kept.delete(root)
      if (this.#isDummy(held)) {
        if (this.#isDummy(root)) {
          for (const child of this.#children.get(root) ?? []) this.#add(held, child)
          this.#children.delete(root)
        } else this.#add(held, root)
      } else if (isReply && !this.#face(held).isReply) this.#add(held, root)
      else {
        const dummy = this.#nextDummy++
        this.#children.set(dummy, [held, root])
        kept.delete(held)
        kept.add(dummy)
        table.set(subject, dummy)
      }
    }
    this.#roots = [...kept]
  }

  /** Step 6. */
  async inOrder(): Promise<Threads> {
    for (const node of this.#children.keys()) await this.#sortBelow(node)
    await this.#sortRoots()
    return { letters: this.#letters.length, roots: this.#roots, children: this.#children }
  }

  /** A dummy counts as the first of its children. */
  async #sortRoots(): Promise<void> {
    for (const root of this.#roots) if (this.#isDummy(root)) await this.#sortBelow(root)
    let compare = (a: number, b: number) => this.#compare(a, b)
    if (this.#rules.threadsBy === 'newest') {
      const newest = new Map<number, number>()
      for (const root of this.#roots) {
        newest.set(root, this.#newestOf(root))
        await this.#patience.breathe()
      }
      compare = (a, b) => this.#compare(newest.get(a) ?? a, newest.get(b) ?? b)
    }
    this.#roots = [...(await this.#patience.sort(this.#roots, compare))]
  }

  async #sortBelow(node: number): Promise<void> {
    const siblings = this.#children.get(node)
    if (siblings === undefined || siblings.length < 2) return
    const sorted = await this.#patience.sort(siblings, (a, b) => this.#compare(a, b))
    this.#children.set(node, [...sorted])
  }

  /** The letter of a thread that was sent last. */
  #newestOf(root: number): number {
    let newest = -1
    const open = [root]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (!this.#isDummy(node) && (newest === -1 || this.#compare(node, newest) > 0)) newest = node
      for (const child of this.#children.get(node) ?? []) open.push(child)
    }
    return newest
  }

  #compare(a: number, b: number): number {
    return this.#dateOf(a) - this.#dateOf(b) || this.#face(a).index - this.#face(b).index
  }

  #dateOf(node: number): number {
    return this.#face(node).sent
  }

  /** The letter that a node shows: a dummy shows its first child, which is never a dummy. */
  #face(node: number): Letter {
    const shown = this.#isDummy(node) ? this.#children.get(node)?.[0] : node
    return this.#letters[shown as number] as Letter
  }

  #isDummy(node: number): boolean {
    return node >= this.#letters.length
  }

  #add(parent: number, child: number): void {
    const siblings = this.#children.get(parent)
    if (siblings === undefined) this.#children.set(parent, [child])
    else siblings.push(child)
  }
}
