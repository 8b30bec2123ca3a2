import { describe, expect, it } from 'vitest';
import type { ProbeAnswer } from '../../../src/probe/probe.ts';
import { REPEAT_ANSWER_MS, waitUntilReady } from '../../../src/probe/wait-until-ready.ts';
import { createFakeClock } from '../time/fake-clock.ts';

const no = (answer: string): ProbeAnswer => ({ ok: false, answer });
const yes: ProbeAnswer = { ok: true, answer: '200' };

/** Gives the answers one after the other, the last one for ever. */
function playing(...answers: readonly ProbeAnswer[]): () => Promise<ProbeAnswer> {
  let next = 0;
  return async () => answers[Math.min(next++, answers.length - 1)] ?? yes;
}

const never = new AbortController().signal;

describe('waitUntilReady', () => {
  it('asks at once', async () => {
    const clock = createFakeClock();
    const result = await waitUntilReady(playing(yes), { clock, withinMs: 1000, signal: never });
    expect(result).toEqual({ ok: true, answer: '200', tries: 1 });
    expect(clock.now()).toBe(0);
  });

  it('backs off from 25 ms to 250 ms', async () => {
    const clock = createFakeClock();
    const answers = [...Array.from({ length: 62 }, () => no('connection refused')), yes];
    const result = await waitUntilReady(playing(...answers), { clock, withinMs: 60_000, signal: never });
    expect(result).toEqual({ ok: true, answer: '200', tries: 63 });
    const pauses = clock.slept.map(Math.round);
    expect(pauses.slice(0, 5)).toEqual([25, 26, 27, 28, 29]);
    expect(pauses.slice(-3)).toEqual([250, 250, 250]);
  });

  it('gives the last answer when time is over', async () => {
    const clock = createFakeClock();
    const probe = playing(no('connection refused'), no('503'));
    const result = await waitUntilReady(probe, { clock, withinMs: 60_000, signal: never });
    expect(result).toMatchObject({ ok: false, answer: '503' });
    expect(clock.now()).toBe(60_000);
  });

  it('asks once even when there is no time', async () => {
    const clock = createFakeClock();
    const options = { clock, withinMs: 0, signal: never };
    expect(await waitUntilReady(playing(yes), options)).toEqual({ ok: true, answer: '200', tries: 1 });
    expect(await waitUntilReady(playing(no('503')), options)).toEqual({ ok: false, answer: '503', tries: 1 });
  });

  it('hands its signal to the probe, and rejects with the reason', async () => {
    const abort = new AbortController();
    const reason = new Error('stop');
    const probe = async (signal: AbortSignal) => {
      expect(signal).toBe(abort.signal);
      if (clock.now() >= 1000) abort.abort(reason);
      return no('503');
    };
    const clock = createFakeClock();
    await expect(waitUntilReady(probe, { clock, withinMs: 60_000, signal: abort.signal })).rejects.toBe(reason);
    expect(clock.now()).toBeLessThan(1500);
  });

  it('lets through what the probe throws', async () => {
    const reason = new Error('the engine went away');
    const waiting = waitUntilReady(() => Promise.reject(reason), {
      clock: createFakeClock(),
      withinMs: 1000,
      signal: never,
    });
    await expect(waiting).rejects.toBe(reason);
  });

  it('tells an answer when it changes, and once a second', async () => {
    const clock = createFakeClock();
    const told: { answer: string; atMs: number; tries: number }[] = [];
    const refused = Array.from({ length: 5 }, () => no('connection refused'));
    const unready = Array.from({ length: 38 }, () => no('503'));
    await waitUntilReady(playing(...refused, ...unready, yes), {
      clock,
      withinMs: 60_000,
      signal: never,
      onAnswer: ({ answer }, tries) => told.push({ answer, tries, atMs: clock.now() }),
    });
    expect(told.map(({ answer }) => answer)).toEqual(['connection refused', '503', '503', '503', '200']);
    expect(told[1]?.tries).toBe(6);
    expect((told[2]?.atMs ?? 0) - (told[1]?.atMs ?? 0)).toBeGreaterThanOrEqual(REPEAT_ANSWER_MS);
  });
});
