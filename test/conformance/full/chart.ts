/** Line charts and pictures with axes as SVG text; sizes in pixels. */

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly format?: (value: number) => string;
}

export interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly isDashed?: boolean;
}

/** Where a plot's area lies in the drawing. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Colours that stay apart in print and for colour-blind readers (Okabe and Ito). */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#000000'] as const;

const FONT = 'font-family="Helvetica, Arial, DejaVu Sans, sans-serif"';

export function svg(width: number, height: number, parts: readonly string[]): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${FONT} font-size="12">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`;
}

export function text(
  x: number,
  y: number,
  content: string,
  options: {
    anchor?: 'start' | 'middle' | 'end';
    colour?: string;
    size?: number;
    isBold?: boolean;
    turn?: number;
  } = {},
): string {
  const { anchor = 'start', colour = '#222222', size = 12, isBold = false, turn } = options;
  const turned = turn === undefined ? '' : ` transform="rotate(${turn} ${round(x)} ${round(y)})"`;
  const weight = isBold ? ' font-weight="bold"' : '';
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}" font-size="${size}"${weight}${turned}>${escaped}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, colour: string, extra = ''): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${colour}" ${extra}/>`;
}

/** Position of a value on an axis that runs over `length` pixels. */
export function place(value: number, { from, to }: Axis, start: number, length: number): number {
  return start + ((value - from) / (to - from)) * length;
}

export function axes(area: Area, x: Axis, y: Axis, hasGrid = true): string[] {
  const { left, top, width, height } = area;
  const bottom = top + height;
  const show = (axis: Axis, value: number): string => axis.format?.(value) ?? String(value);
  const parts: string[] = [];
  for (const tick of x.ticks) {
    const at = place(tick, x, left, width);
    if (hasGrid) parts.push(line(at, top, at, bottom, '#e4e4e4'));
    parts.push(line(at, bottom, at, bottom + 4, '#555555'));
    parts.push(text(at, bottom + 17, show(x, tick), { anchor: 'middle' }));
  }
  for (const tick of y.ticks) {
    const at = place(tick, y, bottom, -height);
    if (hasGrid) parts.push(line(left, at, left + width, at, '#e4e4e4'));
    parts.push(line(left - 4, at, left, at, '#555555'));
    parts.push(text(left - 8, at + 4, show(y, tick), { anchor: 'end' }));
  }
  parts.push(
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#555555"/>`,
  );
  if (x.label !== '') parts.push(text(left + width / 2, bottom + 36, x.label, { anchor: 'middle' }));
  parts.push(text(left - 46, top + height / 2, y.label, { anchor: 'middle', turn: -90 }));
  return parts;
}

export function curves(area: Area, x: Axis, y: Axis, all: readonly Curve[]): string[] {
  const { left, top, width, height } = area;
  return all.map(({ points, colour, isDashed }) => {
    const path = points
      .map(([px, py]) => `${round(place(px, x, left, width))},${round(place(py, y, top + height, -height))}`)
      .join(' ');
    const dash = isDashed === true ? ' stroke-dasharray="6 4"' : '';
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.2" stroke-linejoin="round"${dash}/>`;
  });
}

/** One line per curve, in a box of its own so that the grid does not run through it. */
export function legend(x: number, y: number, width: number, all: readonly Curve[]): string[] {
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${18 * all.length + 10}" fill="#ffffff" stroke="#cccccc"/>`,
    ...all.flatMap(({ name, colour, isDashed }, i) => [
      line(
        x + 10,
        y + 14 + 18 * i,
        x + 38,
        y + 14 + 18 * i,
        colour,
        `stroke-width="2.2"${isDashed === true ? ' stroke-dasharray="6 4"' : ''}`,
      ),
      text(x + 46, y + 18 + 18 * i, name),
    ]),
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
