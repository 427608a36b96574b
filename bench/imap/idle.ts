import { atMost } from '../bar.ts'
import { family, pssBytes, rssBytes } from '../footprint.ts'
import { Sleepers } from './sleepers.ts'
import type { Peer } from './peer.ts'
import { inTurn, row, type Workload } from './workload.ts'

export const idle: Workload = {
  name: 'idle',
  about: 'memory of 500 connections in IDLE on one mailbox, after a collection',
  server: 'ordinary',
  async run(scene, add) {
    const count = scene.options.number('idle', 500)
    const memory = async (peer: Peer) => {
      const live = peer === scene.ours ? await scene.bridge.collect() : Number.NaN
      return { live, pss: footprint(peer) }
    }
    const footprint = (peer: Peer) => {
      const pss = pssBytes(family(peer.pid))
      // Where the kernel tells no more; Dovecot's shared pages would count again and again.
      return Number.isNaN(pss) && peer === scene.ours ? rssBytes(peer.pid) || Number.NaN : pss
    }
    // What reading all the mail has left is not of these connections either.
    await scene.bridge.restart()
    const medians = await inTurn(scene, 1, async (peer) => {
      // What the first clients make a server grow by is not theirs.
      ;(await Sleepers.lieDown(peer, 50)).close()
      const before = await memory(peer)
      const startedAt = performance.now()
      const sleepers = await Sleepers.lieDown(peer, count)
      const perSecond = (count / (performance.now() - startedAt)) * 1000
      const after = await memory(peer)
      const wakeMs = await sleepers.wake()
      sleepers.close()
      return {
        perSecond,
        live: (after.live - before.live) / count / 1024,
        each: (after.pss - before.pss) / count / 1024,
        before: before.pss / 1e6,
        whole: after.pss / 1e6,
        wakeMs,
      }
    })
    const all = `with ${count} in IDLE`
    add(row(medians, 'perSecond', { what: 'logins + SELECT + IDLE, 10 at a time', unit: '/s' }))
    add({
      what: 'memory of a connection in IDLE, in use',
      unit: 'KB',
      ours: medians.ours.live,
      bar: atMost(40),
    })
    add(row(medians, 'each', { what: 'memory of a connection in IDLE, PSS', unit: 'KB', bar: atMost(40) }))
    add(row(medians, 'before', { what: 'the whole server before, PSS', unit: 'MB' }))
    add(row(medians, 'whole', { what: `the whole server ${all}, PSS`, unit: 'MB', bar: atMost(150) }))
    add(row(medians, 'wakeMs', { what: `DONE to all ${count}`, unit: 'ms' }))
  },
}
