// Adds up test reports: `node scripts/totals.mjs <failed steps> <report.json>...` ends with `N passed, N failed`.
import { existsSync, readFileSync } from 'node:fs';

const [failedSteps, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of files.filter((name) => existsSync(name))) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that could not be loaded has no tests that could have failed.
  failed += report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  ).length;
  // In the report of engine tests a test that was skipped is one that did not run where it had to.
  if (file.endsWith('engine.json')) failed += report.numPendingTests;
}
// A step that failed without a failing test, such as a lint error, must not end green.
if (failed === 0) failed = Number(failedSteps);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
