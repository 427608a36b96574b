/**
 * Trees that grow and are cut, with the root of any node in logarithmic time however long its branch is (link-cut trees;
 * Sleator and Tarjan, 1983). A cycle cannot be made. Nodes are numbers from 0.
 */
export class Forest {
  /** The parent of each node, or -1. */
  readonly parent: Int32Array
  /** Splay trees over paths, ordered from root to leaf. `#up` leads to a splay parent or, from its top, to the path's parent. */
  readonly #left: Int32Array
  readonly #right: Int32Array
  readonly #up: Int32Array

  constructor(count: number) {
    const none = () => new Int32Array(count).fill(-1)
    this.parent = none()
    this.#left = none()
    this.#right = none()
    this.#up = none()
  }

  /** Makes a node without parent the child of another; false when that would close a cycle. */
  link(child: number, parent: number): boolean {
    if (child === parent || this.#rootOf(parent) === child) return false
    this.#access(child)
    this.#up[child] = parent
    this.parent[child] = parent
    return true
  }

  /** Takes a node with everything below it from its parent. */
  cut(child: number): void {
    if (this.parent[child] === -1) return
    this.#access(child)
    const above = this.#left[child] as number
    this.#up[above] = -1
    this.#left[child] = -1
    this.parent[child] = -1
  }

  #rootOf(node: number): number {
    this.#access(node)
    let root = node
    while (this.#left[root] !== -1) root = this.#left[root] as number
    this.#splay(root)
    return root
  }

  /** Makes the path from the root to this node one splay tree, with the node on top. */
  #access(node: number): void {
    let below = -1
    for (let at = node; at !== -1; at = this.#up[at] as number) {
      this.#splay(at)
      this.#right[at] = below
      below = at
    }
    this.#splay(node)
  }

  #isTop(node: number): boolean {
    const up = this.#up[node] as number
    return up === -1 || (this.#left[up] !== node && this.#right[up] !== node)
  }

  #splay(node: number): void {
    while (!this.#isTop(node)) {
      const up = this.#up[node] as number
      if (!this.#isTop(up)) {
        const above = this.#up[up] as number
        const straight = (this.#left[up] === node) === (this.#left[above] === up)
        this.#rotate(straight ? up : node)
      }
      this.#rotate(node)
    }
  }

  #rotate(node: number): void {
    const up = this.#up[node] as number
    const above = this.#up[up] as number
    const isTop = this.#isTop(up)
    const [near, far] = this.#left[up] === node ? [this.#left, this.#right] : [this.#right, this.#left]
    const inner = far[node] as number
    near[up] = inner
    if (inner !== -1) this.#up[inner] = up
    far[node] = up
    this.#up[up] = node
    this.#up[node] = above
    if (isTop) return
    if (this.#left[above] === up) this.#left[above] = node
    else this.#right[above] = node
  }
}
