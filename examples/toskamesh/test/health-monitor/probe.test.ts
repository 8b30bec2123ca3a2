import { describe, expect, it } from 'vitest';
import { describeAnswer, healthUrl, probe } from '../../src/health-monitor/probe.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { instance, THRESHOLDS } from './instances.ts';

const LIMITS = { intervalMs: 1000, httpTimeoutMs: 300, tcpTimeoutMs: 300, thresholds: THRESHOLDS };

describe('probe', () => {
  it('asks for the health path', async () => {
    await using target = await startHttpTarget((_request, response) => response.end('{"status":"ready"}'));
    const result = await probe(target.instance('a', 'a'), LIMITS);
    expect(result.reason).toBeUndefined();
    expect(target.asked).toEqual(['/health/ready']);
  });

  it('tells which of its checks an instance names', async () => {
    const body = JSON.stringify({
      status: 'unready',
      checks: { postgres: 'ECONNREFUSED 10.0.0.1:5432', consul: 'ok' },
    });
    await using target = await startHttpTarget((_request, response) => response.writeHead(503).end(body));
    const { reason } = await probe(target.instance('a', 'a'), LIMITS);
    expect(reason).toBe('HTTP 503: postgres ECONNREFUSED 10.0.0.1:5432');
  });

  it('does not wait longer than it is told to', async () => {
    await using target = await startHttpTarget(() => undefined);
    const { reason } = await probe(target.instance('a', 'a'), LIMITS);
    expect(reason).toBe('no answer within 300 ms');
  });

  it('knows a silo by its port being open', async () => {
    const target = await startHttpTarget(() => undefined);
    const silo = { ...target.instance('core-1', 'core'), scheme: 'tcp' };
    expect((await probe(silo, LIMITS)).reason).toBeUndefined();
    await target.stop();
    expect((await probe(silo, LIMITS)).reason).toContain(`ECONNREFUSED 127.0.0.1:${target.port}`);
  });
});

it('asks no other host than the instance, whatever its path is', () => {
  const urlOf = (healthPath: string) => healthUrl(instance({ healthPath })).href;
  expect(urlOf('//elsewhere/x')).toBe('http://10.0.0.5/' + '/elsewhere/x');
  expect(urlOf('http://elsewhere/')).toBe('http://10.0.0.5/http://elsewhere/');
  expect(urlOf('live?full=1')).toBe('http://10.0.0.5/live?full=1');
  expect(urlOf('')).toBe('http://10.0.0.5/health');
});

it('takes any text for an answer', () => {
  expect(['', 'null', '[]', '{"checks":3}', '<html>'].map((text) => describeAnswer(500, text))).toEqual(
    Array.from({ length: 5 }, () => 'HTTP 500'),
  );
});
