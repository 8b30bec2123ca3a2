import { describe, expect, test } from 'vitest';
import { parseDockerfile } from '../../../src/build/dockerfile-instructions.ts';
import { readsOfDockerfile } from '../../../src/build/dockerfile-reads.ts';

const reads = (text: string, target?: string, args: Record<string, string> = {}) =>
  readsOfDockerfile(text, target, args);

describe('instructions', () => {
  test('continue over lines and comments, and heredocs belong to them', () => {
    const text = [
      '# syntax=docker/dockerfile:1',
      'FROM busybox \\',
      '  # a comment inside',
      '  AS base',
      'RUN <<EOF',
      'COPY not an instruction',
      'EOF',
      'copy a \\',
      '  /b',
    ].join('\n');
    expect(parseDockerfile(text)).toEqual([
      { keyword: 'FROM', text: 'busybox    AS base', line: 2, endLine: 4 },
      { keyword: 'RUN', text: '<<EOF', line: 5, endLine: 7 },
      { keyword: 'COPY', text: 'a    /b', line: 8, endLine: 9 },
    ]);
  });

  test('may continue with another character, as on Windows', () => {
    const text = '# escape=`\nFROM windows\nCOPY a `\n  c:\\b\n';
    expect(parseDockerfile(text).map(({ text: words }) => words)).toEqual(['windows', 'a    c:\\b']);
  });
});

describe('what a Dockerfile reads', () => {
  test('of the context: sources of COPY and ADD in all their forms, and bind mounts', () => {
    const text = `FROM busybox
COPY --chown=1:1 package*.json ./lock/ /app/
COPY ["a file", "/app/"]
ADD tools /tools
RUN --mount=type=bind,source=scripts,target=/s --mount=type=cache,target=/c /s/run
RUN --mount=type=secret,id=x true`;
    expect(reads(text).paths).toEqual(['package*.json', 'lock', 'a file', 'tools', 'scripts']);
  });

  test('is all of the context where it cannot be told', () => {
    expect(reads('FROM busybox\nARG DIR\nCOPY $DIR /app').paths).toEqual(['.']);
    expect(reads('FROM busybox\nRUN --mount=target=/src make').paths).toEqual(['.']);
  });

  test('of images: bases, copies from them, and arguments in their names', () => {
    const text = `ARG VERSION=22
FROM node:$VERSION AS build
COPY --from=busybox:1 /bin/sh /sh
FROM \${OTHER:-scratch}
COPY --from=build /a /a
RUN --mount=type=bind,from=tools:2,target=/t true`;
    expect(reads(text).images).toEqual(['node:22', 'busybox:1', 'tools:2']);
    expect(reads(text, undefined, { VERSION: '24' }).images).toContain('node:24');
  });

  test('stops at the stage that is built, and leaves out stages that nothing needs', () => {
    const text = `FROM a AS one
COPY one /
FROM b AS two
COPY two /
FROM one AS three
COPY three /`;
    expect(reads(text)).toEqual({ paths: ['one', 'three'], images: ['a'], remote: false });
    expect(reads(text, 'two')).toEqual({ paths: ['two'], images: ['b'], remote: false });
    expect(reads(`${text}\nCOPY --from=1 /x /`).images).toEqual(['a', 'b']);
  });

  test('from the network is nothing that can be compared', () => {
    expect(reads('FROM busybox\nADD https://example.com/x.tar /x')).toMatchObject({ paths: [], remote: true });
    expect(reads('FROM busybox\nADD x.tar /x').remote).toBe(false);
  });
});
