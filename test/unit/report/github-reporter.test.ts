import { expect, test } from 'vitest';
import { createGithubReporter } from '../../../src/report/github-reporter.ts';
import { createTextStream, events, finished, type Script, started } from './events-builder.ts';

const building = (node: string, position: string, step: string) =>
  ({ type: 'node:building', node, stage: 'build', position, step }) as const;

const BUILD: Script = [
  [0, started('build')],
  [0.1, { type: 'node:built', node: 'discovery', tookMs: 0, cached: true, upToDate: true }],
  [0.2, { type: 'node:building', node: 'gateway', because: 'its inputs changed' }],
  [0.2, { type: 'node:building', node: 'auth-service', because: 'its inputs changed' }],
  [1, building('gateway', '2/4', 'RUN npm ci')],
  [2, building('auth-service', '2/4', 'RUN npm ci')],
  [6.3, { type: 'node:built', node: 'gateway', tookMs: 6_100, cached: false }],
  [
    7,
    {
      ...{ type: 'node:failed', node: 'auth-service', code: 'MESH3006', had: [], blocks: [] },
      reason: 'its build failed at dockerfiles/Dockerfile.AuthService:12: RUN npm ci',
      hint: '100% exit code: 1',
      logs: [
        { at: '', stream: 'stderr', text: 'npm error | a, b: c' },
        { at: '', stream: 'stderr', text: '::set-output name=x::y' },
      ],
      from: { file: 'dockerfiles/Dockerfile.AuthService', line: 12, column: 1, text: 'RUN npm ci' },
    },
  ],
  [7, finished({ ok: false, ready: 2, wanted: 3 })],
];

test('groups, annotations at the Dockerfile, and a table for the page of the job', () => {
  const stream = createTextStream();
  let summary = '';
  const summarize = (markdown: string) => {
    summary += markdown;
  };
  const reporter = createGithubReporter({ stream, folder: 'services/shop', token: 'token', summarize });
  for (const event of events(BUILD)) reporter.handle(event);
  expect(stream.text()).toMatchInlineSnapshot(`
    "✔ discovery is up to date
    ::group::✔ gateway built in 6.1 s
      0.2 s  its inputs changed
      1.0 s  build 2/4 RUN npm ci
    ::endgroup::
    ::group::✘ auth-service: its build failed at dockerfiles/Dockerfile.AuthService:12: RUN npm ci
      0.2 s  its inputs changed
      2.0 s  build 2/4 RUN npm ci
    ::stop-commands::token
    npm error | a, b: c
    ::set-output name=x::y
    ::token::
    ::endgroup::
    ::error file=services/shop/dockerfiles/Dockerfile.AuthService,line=12,title=auth-service could not be built::its build failed at dockerfiles/Dockerfile.AuthService:12: RUN npm ci%0A100%25 exit code: 1
    2 of 3 images are there after 5.1 s
    "
  `);
  expect(summary).toMatchInlineSnapshot(`
    "### Images of toskamesh

    | service | result | time | |
    |---|---|---:|---|
    | discovery | ✅ up to date |  |  |
    | gateway | ✅ built | 6.1 s |  |
    | auth-service | ❌ failed |  | its build failed at dockerfiles/Dockerfile.AuthService:12: RUN npm ci |

    2 of 3 in 5.1 s

    "
  `);
});
