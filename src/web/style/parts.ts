/** What the pages are put together from. */
export const parts = `
section,.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.1rem 1.25rem 1.2rem;margin:0 0 1.1rem;box-shadow:0 1px 2px var(--shade),0 3px 10px var(--shade)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:0 1.1rem}
ul.plain{list-style:none;margin:0;padding:0}ul.plain>li+li{border-top:1px solid var(--line);margin-top:.9rem;padding-top:.9rem}
.heads{display:flex;flex-wrap:wrap;gap:.25rem .6rem;align-items:baseline}
.tag{display:inline-block;max-width:100%;overflow-wrap:anywhere;font-size:.8rem;font-weight:600;line-height:1.5;border-radius:1rem;padding:.05rem .65rem;background:var(--tint);color:var(--accent)}
.tag.good{background:var(--good-back);color:var(--good)}.tag.bad{background:var(--bad-back);color:var(--bad)}.tag.plain{background:transparent;color:var(--quiet);border:1px solid var(--line)}
.links{display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;margin:.4rem 0 0}.links a{padding:.3rem 0}
.alert{color:var(--bad);background:var(--bad-back);border-radius:.5rem;padding:.65rem .9rem}
.warning{background:var(--warn-back);border-left:4px solid var(--warn);border-radius:.4rem;padding:.65rem .9rem}
.done{background:var(--good-back);border-left:4px solid var(--good);border-radius:.4rem;padding:.65rem .9rem}
.broken{border-color:var(--bad);border-width:2px}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--line);vertical-align:top}thead th{font-size:.85rem;color:var(--quiet);font-weight:600}tbody tr:last-child>*{border-bottom:0}
code.password{display:inline-block;font-size:1.5rem;letter-spacing:.04em;padding:.6rem .9rem;background:var(--tint);border:2px dashed var(--accent);border-radius:.5rem;user-select:all;overflow-wrap:anywhere;max-width:100%}
ul.tiles{list-style:none;margin:0 0 1rem;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,13.5rem),1fr));gap:.8rem}
ul.tiles li{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.8rem 1rem;box-shadow:0 1px 2px var(--shade),0 3px 10px var(--shade);position:relative}
ul.tiles a{display:block;font-weight:600;padding:.15rem 0}ul.tiles a::after{content:"";position:absolute;inset:0;border-radius:.75rem}ul.tiles li:hover{border-color:var(--accent)}
ul.tiles .quiet{font-size:.875rem}
ol.steps{list-style:none;counter-reset:step;padding:0}ol.steps>li{counter-increment:step}ol.steps>li>h2::before{content:counter(step);display:inline-grid;place-items:center;width:1.75rem;height:1.75rem;border-radius:50%;background:var(--tint);color:var(--accent);font-size:1rem;margin-right:.6rem}
pre{overflow-x:auto;background:var(--back);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;margin:.25rem 0 .5rem;font-size:.9rem}
progress{width:100%;height:.6rem;accent-color:var(--accent)}
figure{margin:0}figcaption{color:var(--quiet);font-size:.9rem;margin-top:.4rem}
.chart{display:block;width:100%;height:5.5rem;fill:var(--accent);border-bottom:1px solid var(--edge)}.chart line{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.ends{display:flex;justify-content:space-between;color:var(--quiet);font-size:.8rem}
.qr{display:flex;flex-wrap:wrap;gap:.75rem 1.5rem;align-items:center;margin:1rem 0}.qr svg{width:11rem;height:11rem;background:#fff;border:1px solid var(--line);border-radius:.5rem;flex:none}.qr figcaption{flex:1 1 14rem;font-size:1rem;color:var(--text);margin:0}
.ticks{list-style:none;padding:0;margin:.25rem 0 .75rem}.card>label.field:first-child{margin-top:0}.ticks li{padding-left:1.7rem;position:relative}.ticks li::before{position:absolute;left:.1rem;font-weight:700}.ticks .yes::before{content:"✓";color:var(--good)}.ticks .no::before{content:"✗";color:var(--bad)}
.scroll.low{max-height:14rem;overflow-y:auto}
.path{list-style:none;counter-reset:path;padding:0;margin:0 0 1.5rem;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,14rem),1fr));gap:.75rem 1.5rem}.path>li{counter-increment:path;margin:0!important;padding-left:2.5rem;position:relative}.path>li::before{content:counter(path);position:absolute;left:0;top:0;display:grid;place-items:center;width:1.75rem;height:1.75rem;border-radius:50%;border:2px solid var(--edge);color:var(--quiet);font-weight:700}.path>li[aria-current]::before{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}.path>li.over::before{content:"✓";background:var(--good-back);border-color:var(--good);color:var(--good)}.path strong,.path span{display:block}.path span{font-size:.9rem}
@media (max-width:30rem){section,.card{padding:.9rem .9rem 1rem}table{font-size:.8rem}th,td{padding-right:.4rem}thead th{font-size:.75rem}code.password{font-size:1.25rem}.tag{border-radius:.6rem}}
`
