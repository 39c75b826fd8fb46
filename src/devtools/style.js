// The style sheets of both elements. A page may set the custom properties that begin with --timeline. Sizes are in px: the
// root's font size is the page's, and often not that of its text.

const COLOURS = {
  ink: ['#22262a', '#e8e6e1'],
  soft: ['#5d646b', '#a3abb1'],
  track: ['#f0eee8', '#15181a'],
  ground: ['#fff', '#1e2326'],
  line: ['#dedad1', '#353c41'],
  good: ['#2c7a4b', '#6fce92'],
  warn: ['#b25a00', '#f0a648'],
  bad: ['#b3261e', '#ff8a80'],
  refresh: ['#5b57c7', '#a09cff'],
  replay: ['#138496', '#56c5d6'],
  wait: ['#8d897f', '#7d868c'],
};

/** The colours in light (0) or dark (1). @param {number} scheme */
const colours = (scheme) => `:host { ${Object.entries(COLOURS).map(([name, values]) => (
  `--${name}: var(--timeline-${name}, ${values[scheme]});`
)).join(' ')} }`;

const COMMON = `
${colours(0)}
@media (prefers-color-scheme: dark) { ${colours(1)} }
:host { display: block; color: var(--ink); background: var(--ground); }
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
.spoken { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
.bar { border-radius: 3px; background: var(--soft); forced-color-adjust: none; }
.bar.ok { background: var(--good); }
.bar.unauthorized { background: var(--warn); }
.bar.lost { background: repeating-linear-gradient(135deg, var(--bad) 0 5px, transparent 5px 7px), var(--bad); }
.bar.refreshing { background: var(--refresh); }
.bar.replay { background: var(--replay); }
.bar.open { opacity: 0.55; }
.bar.waiting { background: repeating-linear-gradient(90deg, var(--wait) 0 2px, transparent 2px 5px); }
.bar.elsewhere { background: none; border: 2px dashed var(--refresh); }
`;

const TIMELINE = `
:host { container-type: inline-size; }
p, ul, h3, h4 { margin: 0; padding: 0; list-style: none; }
.empty { color: var(--soft); font-size: 14px; }
.burst + .burst { margin-top: 19px; padding-top: 13px; border-top: 1px solid var(--line); }
h3, h4 { font-size: 13px; font-weight: 600; color: var(--soft); font-variant-numeric: tabular-nums; }
h4 { margin-top: 6px; color: var(--ink); }
.axis, li {
  display: grid;
  grid-template-columns: var(--timeline-label, clamp(94px, 26%, 131px)) minmax(48px, 1fr) 96px;
  gap: 2px 8px;
  align-items: center;
  font: 13px/1.35 ui-monospace, monospace;
}
.axis { height: 18px; color: var(--soft); font-size: 12px; }
.ticks { grid-column: 2; position: relative; height: 100%; }
.ticks span { position: absolute; bottom: 0; padding-left: 3px; border-left: 1px solid var(--line); white-space: nowrap; }
.label, .path, .outcome { overflow: hidden; text-overflow: ellipsis; white-space: pre; }
.call .label { display: flex; }
.path { direction: rtl; }
.outcome { text-align: right; color: var(--soft); }
.track { position: relative; height: 14px; border-radius: 3px; background: var(--track); overflow: hidden; }
.others .label { padding-left: 6px; border-left: 2px solid var(--soft); }

.above {
  position: sticky;
  top: 0;
  z-index: 1;
  background: var(--ground);
  border-bottom: 1px solid var(--line);
}
.above li { padding: 2px 0; font-weight: 700; color: var(--refresh); }
.above .outcome { color: inherit; }
:is(.adopted, .elsewhere) .label { grid-column: 1 / -1; }
:is(.adopted, .elsewhere) .track { grid-column: 2; }
@container (min-width: 700px) { :is(.adopted, .elsewhere) .label { grid-column: auto; } }
.adopted .outcome { display: none; }
li.failed .label, li.failed .outcome { color: var(--bad); }
li.failed .outcome { font-weight: 700; }
.track .bar { position: absolute; top: 0; height: 100%; min-width: 3px; }
.track .bar.waiting { min-width: 0; height: 40%; top: 30%; }
.result { margin-top: 8px; font-size: 15px; line-height: 1.45; }
`;

const PANEL = `
:host { --timeline-label: clamp(94px, 30%, 420px); font: 14px/1.4 system-ui, sans-serif; text-align: start; }
:host, section, .body { display: flex; flex-direction: column; min-height: 0; }
section { border: 1px solid var(--line); }
header { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; padding: 6px 10px; }
h2 { margin: 0; font: inherit; }
button, summary { font: inherit; color: inherit; cursor: pointer; }
button { min-height: 28px; padding: 2px 10px; background: var(--track); border: 1px solid var(--soft); border-radius: 6px; }
h2 button { font-weight: 700; }
h2 button::before { content: '\\25b8'; display: inline-block; width: 16px; }
h2 button[aria-expanded=true]::before { content: '\\25be'; }
:focus-visible { outline: 3px solid var(--refresh); outline-offset: 1px; }
.status::before { content: ''; display: inline-block; width: 8px; height: 8px; margin-right: 5px; border-radius: 4px; background: var(--wait); }
.status[data-status=signedIn]::before { background: var(--good); }
.status[data-status=signedOut]::before { background: var(--bad); }
.counts { flex: 1 0 auto; color: var(--soft); font-variant-numeric: tabular-nums; }
details { padding: 0 10px 6px; font-size: 13px; }
summary { width: fit-content; color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(270px, 100%), 1fr)); gap: 2px 16px; margin: 6px 0 0; }
dl div { display: flex; gap: 6px; align-items: baseline; }
dt { display: flex; gap: 6px; align-items: center; font-weight: 600; white-space: nowrap; }
dt .bar { width: 16px; height: 11px; }
dt .bar.waiting { height: 5px; }
dd { margin: 0; color: var(--soft); }
.scroller { min-height: 0; padding: 8px 10px; overflow: auto; border-top: 1px solid var(--line); }
:host([docked]) {
  position: fixed;
  z-index: 2147483647;
  inset: auto 0 0 auto;
  max-width: 100%;
  max-height: min(45vh, 480px);
  box-shadow: 0 -2px 12px rgb(0 0 0 / 0.2);
}
:host([docked][open]) { left: 0; }
:host(:not([docked])) .scroller { max-height: 60vh; }
`;

/** One for all elements of a kind. Constructed ones need nothing of a Content-Security-Policy. */
const sheets = new Map();

/** @param {string} text @returns {CSSStyleSheet} */
function sheet(text) {
  if (!sheets.has(text)) {
    const made = new CSSStyleSheet();
    made.replaceSync(COMMON + text);
    sheets.set(text, made);
  }
  return sheets.get(text);
}

export const timelineSheet = () => sheet(TIMELINE);

export const panelSheet = () => sheet(PANEL);
