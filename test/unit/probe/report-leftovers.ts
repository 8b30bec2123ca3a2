import type { ProbeTarget } from '../../../src/probe/probe.ts';
import { probeOnce } from '../../../src/probe/probe-once.ts';

/** Prints, for each target, what is active in this process right after its probe that was not before. */
async function reportLeftovers(targets: readonly ProbeTarget[]): Promise<void> {
  const report = [];
  for (const target of targets) {
    const before = process.getActiveResourcesInfo();
    await probeOnce(target, { timeoutMs: 200, signal: new AbortController().signal });
    const left = process.getActiveResourcesInfo();
    for (const resource of before) if (left.includes(resource)) left.splice(left.indexOf(resource), 1);
    report.push({ kind: target.kind, left });
  }
  process.stdout.write(JSON.stringify(report));
}

await reportLeftovers(JSON.parse(process.argv[2] ?? '[]'));
