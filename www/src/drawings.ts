import { shape } from './dom';

type Part = [tag: string, attributes: Record<string, string | number>];

// Each drawing stands in a square of 100. The classes are the tints of the style sheet.
const DRAWINGS: Record<string, Part[]> = {
  mug: [
    ['path', { class: 'line', d: 'M64 44h8a10 10 0 0 1 0 24h-8' }],
    ['path', { class: 'a', d: 'M30 34h36v32a12 12 0 0 1-12 12H42a12 12 0 0 1-12-12z' }],
    ['path', { class: 'b', d: 'M30 34h36v12H30z' }],
  ],
  carafe: [
    ['path', { class: 'a', d: 'M42 18h16v20c0 8 14 14 14 30a12 12 0 0 1-12 12H40a12 12 0 0 1-12-12c0-16 14-22 14-30z' }],
    ['path', { class: 'b', d: 'M30 60h40q2 4 2 8a12 12 0 0 1-12 12H40a12 12 0 0 1-12-12q0-4 2-8z' }],
    ['path', { class: 'line', d: 'M40 18h20' }],
  ],
  lamp: [
    ['path', { class: 'line', d: 'M50 48v32M36 82h28' }],
    ['path', { class: 'a', d: 'M40 20h20l12 30H28z' }],
    ['circle', { class: 'b', cx: 50, cy: 55, r: 5 }],
  ],
  notebook: [
    ['rect', { class: 'a', x: 30, y: 20, width: 42, height: 60, rx: 4 }],
    ['rect', { class: 'b', x: 30, y: 20, width: 9, height: 60, rx: 4 }],
    ['path', { class: 'line', d: 'M48 36h16M48 46h10' }],
  ],
  blanket: [
    ['rect', { class: 'a', x: 24, y: 28, width: 52, height: 44, rx: 8 }],
    ['path', { class: 'b', d: 'M24 44h52v6H24zM24 56h52v4H24z' }],
    ['path', { class: 'line', d: 'M30 72v8m8-8v8m8-8v8m8-8v8m8-8v8m8-8v8' }],
  ],
  pen: [
    ['path', { class: 'a', d: 'm68 20 12 12-40 40-12-12z' }],
    ['path', { class: 'b', d: 'm28 60 12 12-18 6z' }],
    ['path', { class: 'line', d: 'm58 30 12 12' }],
  ],
};

/** A product's picture; decoration only, its name stands beside it. */
export function drawing(productId: string): SVGElement {
  const parts = (DRAWINGS[productId] ?? []).map(([tag, attributes]) => shape(tag, attributes));
  return shape('svg', { class: `drawing ${productId}`, viewBox: '0 0 100 100', 'aria-hidden': 'true' }, ...parts);
}
