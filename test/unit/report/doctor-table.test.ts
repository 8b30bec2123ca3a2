import stripAnsi from 'strip-ansi';
import { expect, test } from 'vitest';
import { type DoctorRow, renderDoctorTable } from '../../../src/report/doctor-table.ts';
import { createStyles } from '../../../src/report/styles.ts';

const ROWS: readonly DoctorRow[] = [
  { ok: true, title: 'docker 28.5', detail: 'at /var/run/docker.sock', fix: '' },
  { ok: true, title: 'compose 2.40', detail: '', fix: '' },
  { ok: 'warn', title: 'sources', detail: 'src/Core is missing', fix: 'get them, or: mesh dev up --build never' },
  {
    ok: false,
    title: 'port 5432',
    detail: 'held by postgres (pid 911)',
    fix: 'stop it, or: mesh dev up --remap-ports',
  },
  {
    ok: false,
    title: 'engine',
    detail: 'the engine said:\r\n  \u001b[31mno\u001b[0m \u001b[2Jsuch thing',
    fix: 'start it again, and have a look at what it wrote into its own log before that',
  },
];

function render(columns: number, color = false): string {
  return renderDoctorTable(ROWS, createStyles({ color }), columns);
}

test('one line a check, with what to do behind it or under it', () => {
  expect(render(80)).toMatchInlineSnapshot(`
    "✔ docker 28.5 at /var/run/docker.sock
    ✔ compose 2.40
    ! sources src/Core is missing   → get them, or: mesh dev up --build never
    ✘ port 5432 held by postgres (pid 911)
        → stop it, or: mesh dev up --remap-ports
    ✘ engine the engine said: no ␛[2Jsuch thing
        → start it again, and have a look at what it wrote into its own log before that
    "
  `);
  expect(render(120)).toMatchInlineSnapshot(`
    "✔ docker 28.5 at /var/run/docker.sock
    ✔ compose 2.40
    ! sources src/Core is missing   → get them, or: mesh dev up --build never
    ✘ port 5432 held by postgres (pid 911)   → stop it, or: mesh dev up --remap-ports
    ✘ engine the engine said: no ␛[2Jsuch thing
        → start it again, and have a look at what it wrote into its own log before that
    "
  `);
});

test('colour only adds', () => {
  const coloured = render(80, true);
  expect(coloured).not.toBe(stripAnsi(coloured));
  expect(stripAnsi(coloured)).toBe(render(80));
});
