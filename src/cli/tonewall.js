#!/usr/bin/env node
// `npm ci` links this file into node_modules/.bin (script `prepare`), where npx finds it. A `bin` entry in
// package.json would make npx install the whole package into its own cache first.
// The only file that an older Node must be able to read: everything else is TypeScript, which Node 24 runs as it is.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.exitCode = runWithPinnedNode();
}

/** Starts this file again with the Node of the `node` package, which the lock file pins. */
function runWithPinnedNode() {
  let node;
  try {
    node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch {
    console.error(`tonewall: expected Node ${NODE_MAJOR_MIN} or newer, found ${process.version}; run npm ci`);
    return 2;
  }
  const { status, error } = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  if (error) console.error(`tonewall: cannot start the pinned Node; run npm ci`);
  return error ? 2 : (status ?? 1);
}
