import { readFileSync } from 'node:fs';

export const PUBLIC = new URL('./public/', import.meta.url);

/** Something that a browser loads. */
export interface PublicFile {
  /** Below `/assets/`. */
  readonly path: string;
  /** Media type. */
  readonly type: string;
  readonly body: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  js: 'text/javascript; charset=utf-8',
};

export function typeOf(path: string): string {
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)];
  if (type === undefined) throw new Error(`no media type is known for ${path}`);
  return type;
}

export function readPublic(path: string): PublicFile {
  return { path, type: typeOf(path), body: readFileSync(new URL(path, PUBLIC), 'utf8') };
}
