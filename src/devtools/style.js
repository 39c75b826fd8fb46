// The style sheets of both elements. A page may set the custom properties that begin with --timeline. Sizes are in px: the
// root's font size is the page's, and often not that of its text.

import common from './common.css';
import panel from './panel.css';
import timeline from './timeline.css';

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

/** One for all elements of a kind. Constructed ones need nothing of a Content-Security-Policy. */
const sheets = new Map();

/** @param {string} text @returns {CSSStyleSheet} */
function sheet(text) {
  if (!sheets.has(text)) {
    const made = new CSSStyleSheet();
    made.replaceSync(`${colours(0)} @media (prefers-color-scheme: dark) { ${colours(1)} } ${common}${text}`);
    sheets.set(text, made);
  }
  return sheets.get(text);
}

export const timelineSheet = () => sheet(timeline);

export const panelSheet = () => sheet(panel);
