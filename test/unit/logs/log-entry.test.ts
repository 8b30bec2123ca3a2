import { describe, expect, it } from 'vitest';
import { createContinuationRule } from '../../../src/logs/log-entry.ts';

/** `+` before each line that continues the one above it. */
function folded(text: string): string {
  const continues = createContinuationRule();
  return text
    .split('\n')
    .map((line) => (continues(line) ? `+${line}` : line))
    .join('\n');
}

describe('the continuation rule', () => {
  it('folds the console logger of .NET and its exceptions', () => {
    expect(
      folded(`info: Microsoft.Hosting.Lifetime[14]
      Now listening on: http://[::]:80
fail: Host[11]
      Hosting failed
System.AggregateException: One or more errors
 ---> System.InvalidOperationException: no
   at Mesh.Start() in /src/Mesh.cs:line 12
   --- End of inner exception stack trace ---
--- End of stack trace from previous location ---
at Mesh.Program.Main(String[] args)`),
    ).toBe(`info: Microsoft.Hosting.Lifetime[14]
+      Now listening on: http://[::]:80
fail: Host[11]
+      Hosting failed
System.AggregateException: One or more errors
+ ---> System.InvalidOperationException: no
+   at Mesh.Start() in /src/Mesh.cs:line 12
+   --- End of inner exception stack trace ---
+--- End of stack trace from previous location ---
+at Mesh.Program.Main(String[] args)`);
  });

  it('folds Java, Node and pretty-printed JSON', () => {
    expect(
      folded(`java.lang.Error: x
	at a.B.c(B.java:1)
Caused by: java.io.Error: y
... 12 more
TypeError: z is not a function
at z (file.js:1:2)
{
  "a": [
    1
  ]
}
{"level":"info"}`),
    ).toBe(`java.lang.Error: x
+	at a.B.c(B.java:1)
+Caused by: java.io.Error: y
+... 12 more
TypeError: z is not a function
+at z (file.js:1:2)
{
+  "a": [
+    1
+  ]
+}
{"level":"info"}`);
  });

  it('folds a Python traceback with the message after it, also when chained', () => {
    expect(
      folded(`Traceback (most recent call last):
  File "a.py", line 1, in <module>
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
ValueError: bad
started again`),
    ).toBe(`Traceback (most recent call last):
+  File "a.py", line 1, in <module>
+KeyError: 'a'
+
+During handling of the above exception, another exception occurred:
+
+Traceback (most recent call last):
+  File "a.py", line 3, in <module>
+ValueError: bad
started again`);
  });

  it('leaves ordinary lines alone', () => {
    const text = 'at noon the job starts\nattached\n} else {\n-- done\n[1] started';
    expect(folded(text)).toBe(text);
  });
});
