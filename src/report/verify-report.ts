import type { Finding, Place } from '../audit/finding.ts';
import { formatLocation, type Source } from '../diagnostics/location.ts';
import { escapeControls } from '../logs/visible-text.ts';
import { oneLine } from './one-line.ts';
import type { Styles } from './styles.ts';
import { cutTo, padEnd, widthOf } from './text-width.ts';

/** One target, and how much of it was held against what. */
export interface VerifiedTarget {
  readonly name: string;
  /** The environment whose model it is held against; missing where there is no manifest. */
  readonly environment?: string | undefined;
  readonly comparisons: number;
  readonly findings: number;
}

export interface Verification {
  readonly targets: readonly VerifiedTarget[];
  readonly findings: readonly Finding[];
  readonly comparisons: number;
  /** What was not compared, and why. */
  readonly notes: readonly string[];
}

export interface VerifyReportOptions {
  readonly styles: Styles;
  readonly columns: number;
  readonly sources: ReadonlyMap<string, Source>;
}

/** Findings by service, each with its places and what to do; then the one line that sums it up. */
export function renderVerification(verification: Verification, options: VerifyReportOptions): string {
  const { styles } = options;
  const services = new Map<string, Finding[]>();
  for (const finding of verification.findings) {
    services.set(finding.service, [...(services.get(finding.service) ?? []), finding]);
  }
  const blocks = [...services].map(([service, findings]) => {
    const head = styles.bold(service === '' ? 'all services' : service);
    return `${head}\n${findings.map((finding) => renderFinding(finding, options)).join('\n')}\n`;
  });
  const closing = [
    wrap(...summary(verification, styles), options.columns),
    ...verification.notes.map((note) => wrap('', wordsOf(note), options.columns)),
  ];
  return [...blocks, `${closing.join('\n')}\n`].join(blocks.length > 0 ? '\n' : '');
}

const INDENT = '     ';

function renderFinding(finding: Finding, options: VerifyReportOptions): string {
  const { styles } = options;
  const labels = [...finding.places.map(({ what }) => what), 'do'];
  const width = Math.max(...labels.map(widthOf));
  const places = finding.places.map((place) => {
    const line = finding.hidden === true ? '' : lineAt(place, options.sources);
    const shown = line === '' ? '' : `   ${styles.dim(line)}`;
    const row = `${INDENT}${styles.cyan(padEnd(place.what, width))}  ${formatLocation(place.at)}${shown}`;
    return cutTo(row, options.columns);
  });
  const message = wordsOf(oneLine(withoutService(finding)));
  const advice = wordsOf(oneLine(finding.hint));
  return [
    wrap(`  ${styles.red('✘')} `, [...message, styles.dim(`(${finding.code})`)], options.columns),
    ...places,
    wrap(`${INDENT}${styles.cyan(padEnd('do', width))}  `, advice, options.columns),
  ].join('\n');
}

function wordsOf(text: string): string[] {
  return text.split(' ');
}

/** Words behind a label, on as many lines as they need; those below are as far in. */
function wrap(label: string, words: readonly string[], columns: number): string {
  const indent = ' '.repeat(widthOf(label));
  const rows: string[] = [];
  let row = label;
  for (const word of words) {
    const isFirst = row === label || row === indent;
    if (!isFirst && widthOf(row) + 1 + widthOf(word) > columns) {
      rows.push(row);
      row = indent + word;
    } else row += `${isFirst ? '' : ' '}${word}`;
  }
  return [...rows, row].join('\n');
}

/** It stands above already. */
function withoutService({ message, service }: Finding): string {
  return service !== '' && message.startsWith(`${service}: `) ? message.slice(service.length + 2) : message;
}

function lineAt({ at }: Place, sources: ReadonlyMap<string, Source>): string {
  return oneLine(sources.get(at.file)?.text.split(/\r?\n/)[at.line - 1] ?? '');
}

function summary({ targets, comparisons, findings }: Verification, styles: Styles): [label: string, words: string[]] {
  const names = targets.map(({ name }) => name).join(' · ');
  const same = sameOf(comparisons, findings.length);
  const verb = targets.length === 1 ? 'says the same as the manifest' : 'say the same';
  const said = `${names} ${verb} in ${same} of ${comparisons} comparisons`;
  if (findings.length === 0) return [`${styles.green('✔')} `, wordsOf(said)];
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  return [`${styles.red('✘')} `, wordsOf(`${count}: ${said}`)];
}

function sameOf(comparisons: number, findings: number): number {
  return Math.max(0, comparisons - findings);
}

/** The same for scripts: one document. */
export function verificationJson(verification: Verification): string {
  const { targets, findings, comparisons, notes } = verification;
  const document = {
    v: 1,
    ok: findings.length === 0,
    comparisons,
    same: sameOf(comparisons, findings.length),
    targets,
    findings: findings.map(({ places, hidden: _hidden, ...rest }) => ({
      ...rest,
      places: places.map(({ what, at }) => ({ what, file: at.file, line: at.line, column: at.column })),
    })),
    notes,
  };
  return `${escapeControls(JSON.stringify(document))}\n`;
}
