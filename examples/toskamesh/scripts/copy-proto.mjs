import { cpSync } from 'node:fs';

// tsc copies no .proto: the compiled services read theirs from dist/proto, so that dist/ is all an image needs.
cpSync(new URL('../src/proto', import.meta.url), new URL('../dist/proto', import.meta.url), { recursive: true });
