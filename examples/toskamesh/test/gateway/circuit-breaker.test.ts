import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/gateway/circuit-breaker.ts';

const OPTIONS = { failures: 3, pauseMs: 1000 };

function failing(times: number, at = 0): CircuitBreaker {
  const breaker = new CircuitBreaker(OPTIONS);
  for (let count = 0; count < times; count++) {
    breaker.failed(breaker.enter(at), at);
  }
  return breaker;
}

describe('CircuitBreaker', () => {
  it('opens at once when there is nobody to connect to', () => {
    const breaker = new CircuitBreaker({ failures: 3, pauseMs: 5000 });
    breaker.unreachable(0);
    expect(breaker.state(999)).toBe('open');
    // One that was sent before tells nothing new.
    breaker.unreachable(900);
    expect(breaker.state(1000)).toBe('half-open');
  });

  it('opens after so many failures in a row, and a success in between begins anew', () => {
    const breaker = failing(2);
    expect(breaker.state(0)).toBe('closed');
    breaker.succeeded(breaker.enter(0));
    breaker.failed('normal', 0);
    breaker.failed('normal', 0);
    expect(breaker.state(0)).toBe('closed');
    breaker.failed('normal', 0);
    expect(breaker.state(0)).toBe('open');
    expect(breaker.admits(0)).toBe(false);
    expect(breaker.admitsInMs(400)).toBe(600);
  });

  it('lets one trial through after the pause, which closes it', () => {
    const breaker = failing(3);
    expect(breaker.admits(999)).toBe(false);
    expect(breaker.state(1000)).toBe('half-open');
    expect(breaker.admits(1000)).toBe(true);
    const trial = breaker.enter(1000);
    expect(trial).toBe('trial');
    expect(breaker.admits(1000)).toBe(false);
    breaker.succeeded(trial);
    expect(breaker.state(1000)).toBe('closed');
    expect(breaker.admits(1000)).toBe(true);
  });

  it('opens again for another pause when the trial fails', () => {
    const breaker = failing(3);
    breaker.failed(breaker.enter(1500), 1600);
    expect(breaker.state(2599)).toBe('open');
    expect(breaker.state(2600)).toBe('half-open');
  });

  it('lets another trial through when the caller of the first one went away', () => {
    const breaker = failing(3);
    breaker.gaveUp(breaker.enter(1000));
    expect(breaker.admits(1000)).toBe(true);
  });

  it('is not decided by requests that began before it opened', () => {
    const breaker = failing(3);
    breaker.succeeded('normal');
    breaker.failed('normal', 900);
    expect(breaker.state(500)).toBe('open');
    expect(breaker.state(1000)).toBe('half-open');
  });
});
