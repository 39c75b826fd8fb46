// The time line's own style sheet. A page may set the custom properties that begin with --timeline.

const TEXT = `
:host {
  --ink: var(--timeline-ink, #22262a);
  --soft: var(--timeline-soft, #5d646b);
  --track: var(--timeline-track, #f0eee8);
  --ground: var(--timeline-ground, #fff);
  --line: var(--timeline-line, #dedad1);
  --good: var(--timeline-good, #2c7a4b);
  --warn: var(--timeline-warn, #b25a00);
  --bad: var(--timeline-bad, #b3261e);
  --refresh: var(--timeline-refresh, #5b57c7);
  --replay: var(--timeline-replay, #138496);
  --wait: var(--timeline-wait, #8d897f);
  display: block;
  color: var(--ink);
  background: var(--ground);
}
@media (prefers-color-scheme: dark) {
  :host {
    --ink: var(--timeline-ink, #e8e6e1);
    --soft: var(--timeline-soft, #a3abb1);
    --track: var(--timeline-track, #15181a);
    --ground: var(--timeline-ground, #1e2326);
    --line: var(--timeline-line, #353c41);
    --good: var(--timeline-good, #6fce92);
    --warn: var(--timeline-warn, #f0a648);
    --bad: var(--timeline-bad, #ff8a80);
    --refresh: var(--timeline-refresh, #a09cff);
    --replay: var(--timeline-replay, #56c5d6);
    --wait: var(--timeline-wait, #7d868c);
  }
}
*, ::before, ::after { box-sizing: border-box; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.empty { margin: 0; color: var(--soft); font-size: 0.9rem; }
.burst + .burst { margin-top: 1.2rem; padding-top: 0.8rem; border-top: 1px solid var(--line); }
h3 { margin: 0; font-size: 0.82rem; font-weight: 600; color: var(--soft); font-variant-numeric: tabular-nums; }
ul { list-style: none; margin: 0; padding: 0; }
.axis, li {
  display: grid;
  grid-template-columns: clamp(5.9rem, 26%, 8.2rem) minmax(3rem, 1fr) 6rem;
  gap: 0.5rem;
  align-items: center;
  font: 0.8rem/1.35 ui-monospace, monospace;
}
.axis { height: 1.1rem; color: var(--soft); font-size: 0.75rem; }
.ticks { grid-column: 2; position: relative; height: 100%; }
.ticks span { position: absolute; bottom: 0; padding-left: 0.2rem; border-left: 1px solid var(--line); white-space: nowrap; }
.label, .outcome { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.outcome { text-align: right; color: var(--soft); }
.track { position: relative; height: 0.85rem; border-radius: 0.2rem; background: var(--track); overflow: hidden; }

.refresh, .adopted {
  position: sticky;
  top: var(--timeline-top, 0);
  z-index: 1;
  padding: 0.15rem 0;
  background: var(--ground);
  border-bottom: 1px solid var(--line);
  font-weight: 700;
  color: var(--refresh);
}
:is(.refresh, .adopted) .outcome { color: inherit; }
.adopted .label { grid-column: 1 / -1; }
.adopted .track { grid-column: 2; }
.adopted .outcome { display: none; }
li.failed .label, li.failed .outcome { color: var(--bad); }
li.failed .outcome { font-weight: 700; }

.bar { position: absolute; top: 0; height: 100%; min-width: 3px; border-radius: 0.2rem; background: var(--soft); }
.bar.ok { background: var(--good); }
.bar.unauthorized { background: var(--warn); }
.bar.lost { background: repeating-linear-gradient(135deg, var(--bad) 0 5px, transparent 5px 7px), var(--bad); }
.bar.refreshing { background: var(--refresh); }
.bar.replay { background: var(--replay); }
.bar.open { opacity: 0.55; }
.bar.waiting {
  min-width: 0;
  height: 40%;
  top: 30%;
  background: repeating-linear-gradient(90deg, var(--wait) 0 2px, transparent 2px 5px);
}
.bar.elsewhere { background: none; border: 2px dashed var(--refresh); }
.result { margin: 0.5rem 0 0; font-size: 0.95rem; line-height: 1.45; }
`;

/** One for all elements. Constructed ones need nothing of a Content-Security-Policy. */
export const style = new CSSStyleSheet();
style.replaceSync(TEXT);
