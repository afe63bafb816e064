import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');

/** The text of a file, by its path from the root of the repository. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function readYaml<T>(path: string): T {
  return parse(readText(path)) as T;
}

/** Every document of a YAML file. */
export function readYamlDocuments<T>(path: string): T[] {
  return parseAllDocuments(readText(path)).map((document) => document.toJS() as T);
}

export function pathOf(path: string): string {
  return join(ROOT, path);
}
